from collections.abc import Callable
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

SIGNALS = pytest.mark.parametrize(
    "how", [SIGINT, SIGTERM, SIGKILL], ids=["interrupt", "terminate", "kill"]
)


@pytest.mark.examines("L15", "K10")
@SIGNALS
def test_fair_dispatch(scenario: Scenario, how: Signals) -> None:
    """With prefetch 1 a worker gets its next task when it is free; workers may come and go.

    1. Start three workers with prefetch 1, send twenty tasks that take time.
    2. List the queues.
    3. End one worker in the middle of a task, start a new one while the others are busy.
    """
    with scenario.step("Start three workers with prefetch 1"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack_prefetch.py", pause_at_task=3)
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.produce("01_producer_durable.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("List the queues while everybody is in the middle of a task"):
        scenario.count(sent.queue)
    with scenario.step("End one worker in the middle of a task"):
        [victim] = scenario.strike(workers[:1], how)
    with scenario.step("Start a new one while the others are busy"):
        newcomers = scenario.start_workers(1, "02_worker_consumer_ack_prefetch.py")
        scenario.wait_working(newcomers)
        scenario.resume(workers[1:])
    with scenario.step("Wait until all tasks are acknowledged"):
        scenario.wait_acknowledged(sent.tasks, by=[*workers, *newcomers])
    scenario.drain(sent.queue)
    scenario.verify(
        "L15",
        check.struck_mid_task(clients=[victim.client]),
        check.prefetch_respected(queue=sent.queue, at_most=1),
        check.fair_dispatch(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.done_twice_within_in_flight(queue=sent.queue),
        check.redelivered_equals_unacked_at_disconnect(queue=sent.queue),
        check.settled_after_work(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )


@pytest.mark.examines("K10")
@pytest.mark.parametrize(
    ("program", "wait_finished"),
    [
        ("prefetch_too_late", Scenario.wait_acknowledged),
        ("prefetch_without_acknowledgement", Scenario.wait_done),
    ],
    ids=["prefetch_too_late", "prefetch_without_acknowledgement"],
)
def test_prefetch_without_effect(
    scenario: Scenario, program: str, wait_finished: Callable[..., None]
) -> None:
    """A prefetch that is set after subscribing, or with automatic acknowledgement, does nothing.

    1. Send ten tasks.
    2. Start a worker that sets its prefetch in a way that has no effect.
    3. See that it is sent all ten at once.
    """
    with scenario.step("Send ten tasks"):
        sent = scenario.produce("01_producer_durable.py", 10)
    with scenario.step("Start a worker whose prefetch has no effect"):
        workers = scenario.start_workers(1, f"{program}.py")
        scenario.wait_delivered(sent.tasks, to=workers)
        wait_finished(scenario, sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "K10",
        check.prefetch_ineffective(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
