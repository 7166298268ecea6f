from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

SIGNALS = pytest.mark.parametrize(
    "how", [SIGINT, SIGTERM, SIGKILL], ids=["interrupt", "terminate", "kill"]
)


@pytest.mark.examines("L08", "L09", "K1", "K5")
@SIGNALS
def test_manual_acknowledgement(scenario: Scenario, how: Signals) -> None:
    """With manual acknowledgement nothing is lost; what was in hand is received twice.

    1. Start three workers that acknowledge after the work, send twenty tasks that take time.
    2. End two workers in the middle of a task, let the third one do the rest.
    3. Start the two again when everything has been consumed.
    """
    with scenario.step("Start three workers that acknowledge after the work"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack.py", pause_at_task=3)
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_dealt(sent.tasks, to=workers)
    with scenario.step("End two workers in the middle of a task"):
        scenario.wait_paused(workers)
        victims = scenario.strike(workers[:2], how)
        killed = [victim.client for victim in victims]
    with scenario.step("Let the third one do the rest"):
        scenario.resume(workers[2:])
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.verify(
        "L08",
        check.struck_mid_task(clients=killed),
        check.ended_when_told(queue=sent.queue, clients=killed),
        check.nothing_lost(queue=sent.queue),
        check.received_twice_exactly_in_flight(queue=sent.queue),
        check.done_twice_within_in_flight(queue=sent.queue),
        check.redelivered_equals_unacked_at_disconnect(queue=sent.queue),
        check.acknowledgement_mode(queue=sent.queue, manual=True),
        check.settled_after_work(queue=sent.queue),
        check.all_settled(queue=sent.queue),
    )
    with scenario.step("Start the two again, now that all is consumed"):
        restarted = scenario.start_again(victims)
        scenario.count(sent.queue)
    scenario.drain(sent.queue)
    scenario.verify(
        "L09",
        check.got_nothing(clients=[worker.client for worker in restarted]),
        check.counts_agree(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )


@pytest.mark.examines("K5")
def test_done_but_not_acknowledged(scenario: Scenario) -> None:
    """A worker that dies after the work and before its acknowledgement makes it be done twice.

    1. Start a worker that acknowledges after the work, and cut it off from sending.
    2. Send it one task.
    3. Kill it when it is done with its task, and its acknowledgement is held back.
    4. Start another worker.
    """
    with scenario.step("Start a worker and cut it off from sending"):
        [first] = scenario.start_workers(1, "02_worker_consumer_ack.py")
        scenario.hold_back(first)
    with scenario.step("Send it a task"):
        sent = scenario.produce("01_producer_timed.py", 1)
    with scenario.step("Kill it when it is done with its task"):
        scenario.wait_held_back(first)
        scenario.end(first, SIGKILL)
    with scenario.step("Start another worker"):
        [second] = scenario.start_workers(1, "02_worker_consumer_ack.py")
        scenario.wait_acknowledged(sent.tasks, by=[second])
    scenario.drain(sent.queue)
    scenario.verify(
        "K5",
        check.fault_landed(client=first.client, fault="HoldBack"),
        check.done_then_lost_ack_done_again(queue=sent.queue, client=first.client),
        check.nothing_lost(queue=sent.queue),
        check.settled_after_work(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
