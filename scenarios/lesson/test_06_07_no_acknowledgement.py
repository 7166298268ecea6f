from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

SIGNALS = pytest.mark.parametrize(
    "how", [SIGINT, SIGTERM, SIGKILL], ids=["interrupt", "terminate", "kill"]
)


@pytest.mark.examines("L06", "L07", "K4")
@SIGNALS
def test_no_acknowledgement(scenario: Scenario, how: Signals) -> None:
    """Tasks that nobody acknowledges are never lost, and never finished either.

    1. Start three workers that never acknowledge, send twenty tasks that take time.
    2. End two workers in the middle of a task, let the third one do everything.
    3. Start the two again: they get nothing.
    4. List the queue: it still holds all tasks.
    5. End the one that received everything, in the same way.
    """
    with scenario.step("Start three workers that never acknowledge"):
        workers = scenario.start_workers(3, "02_worker_consumer_noack.py", pause_at_task=3)
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_dealt(sent.tasks, to=workers)
    with scenario.step("End two workers in the middle of a task"):
        scenario.wait_paused(workers)
        victims = scenario.strike(workers[:2], how)
        killed = [victim.client for victim in victims]
    with scenario.step("Let the third one do everything"):
        survivor = workers[2]
        scenario.resume([survivor])
        scenario.wait_done(sent.tasks, by=[survivor])
    with scenario.step("Start the two again"):
        restarted = scenario.start_again(victims)
        back = [worker.client for worker in restarted]
        scenario.count(sent.queue)
    scenario.verify(
        "L06",
        check.struck_mid_task(clients=killed),
        check.nothing_lost(queue=sent.queue),
        check.survivor_received_all(queue=sent.queue, survivor=survivor.client),
        check.done_twice_exactly_done_by(queue=sent.queue, killed=killed),
        check.redelivered_equals_unacked_at_disconnect(queue=sent.queue),
        check.acknowledgement_mode(queue=sent.queue, manual=True),
        check.never_settled(queue=sent.queue),
        check.counts_agree(queue=sent.queue),
    )
    scenario.verify("K4", check.not_by_connecting(queue=sent.queue, clients=back))
    with scenario.step("End the one that received everything"):
        scenario.end(survivor, how)
    with scenario.step("All tasks come back to the other two"):
        scenario.wait_done(sent.tasks, by=restarted)
    scenario.verify(
        "L07", check.came_back_to(queue=sent.queue, from_client=survivor.client, to_clients=back)
    )
    scenario.drain(sent.queue)
    scenario.verify(
        "L07",
        check.nothing_lost(queue=sent.queue),
        check.redelivered_equals_unacked_at_disconnect(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
