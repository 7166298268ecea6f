from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

SIGNALS = pytest.mark.parametrize(
    "how", [SIGINT, SIGTERM, SIGKILL], ids=["interrupt", "terminate", "kill"]
)


@pytest.mark.examines("L05", "K3")
@SIGNALS
def test_automatic_acknowledgement(scenario: Scenario, how: Signals) -> None:
    """With automatic acknowledgement a worker that ends loses all that it holds.

    1. Start from an empty queue, with three workers that acknowledge automatically.
    2. Send twenty tasks that take time, list the queue: it is empty already.
    3. End two workers in the middle of a task.
    4. Let the third one finish.
    5. Start the two again.
    """
    with scenario.step("Start three workers that acknowledge automatically"):
        workers = scenario.start_workers(3, "02_worker_consumer_timed.py", pause_at_task=3)
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_dealt(sent.tasks, to=workers)
    with scenario.step("List the queue while everybody is in the middle of a task"):
        scenario.wait_paused(workers)
        scenario.count(sent.queue)
    with scenario.step("End two workers in the middle of a task"):
        victims = scenario.strike(workers[:2], how)
    with scenario.step("Let the third one finish"):
        survivor = workers[2]
        scenario.resume([survivor])
        scenario.wait_done(scenario.delivered_to(survivor), by=[survivor])
    with scenario.step("Start the two again"):
        restarted = scenario.start_again(victims)
    scenario.drain(sent.queue)
    killed = [victim.client for victim in victims]
    scenario.verify(
        "L05",
        check.struck_mid_task(clients=killed),
        check.lost_exactly_pushed_minus_done(queue=sent.queue, killed=killed),
        check.none_done_twice(queue=sent.queue),
        check.got_nothing(clients=[worker.client for worker in restarted]),
        check.acknowledgement_mode(queue=sent.queue, manual=False),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
    scenario.verify("K3", check.queue_already_empty_before_strike(queue=sent.queue))
