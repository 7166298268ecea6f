import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

PROGRAMS = {
    "in_turn": "02_worker_consumer_ack_durable.py",
    "fair": "02_worker_consumer_ack_prefetch.py",
}
LONG = [b"task %2d %s" % (number, b"." * (1 if number % 3 else 10)) for number in range(20)]
"""Every third task is ten times as long: dealt in turn to three workers, one gets them all."""
SHORT = [b"short task %3d" % number for number in range(300)]


@pytest.mark.examines("L16", "K10")
@pytest.mark.parametrize("dispatch", ["in_turn", "fair"])
def test_long_tasks(scenario: Scenario, dispatch: str) -> None:
    """The same twenty tasks, dealt in turn or to whoever is free: who idles, and when is it over?

    1. Start three workers, without and with prefetch 1.
    2. Send twenty tasks that take time, the same ones each time: every third is a long one.
    3. Compare the time until all are done, and how long each worker idles.
    """
    with scenario.step(f"Start three workers: {dispatch}"):
        workers = scenario.start_workers(3, PROGRAMS[dispatch])
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.publish(scenario.queue_of(workers), LONG)
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "L16",
        check.working_time(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.settled_after_work(queue=sent.queue),
        check.all_settled(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )


@pytest.mark.examines("L16", "K10")
@pytest.mark.parametrize("dispatch", ["in_turn_short", "fair_short"])
def test_short_tasks(scenario: Scenario, dispatch: str) -> None:
    """Very short tasks, dealt in turn or to whoever is free: what does fairness cost?

    1. Start three workers, without and with prefetch 1.
    2. Send three hundred tasks that take no time.
    3. Compare the time until all are done.
    """
    with scenario.step(f"Start three workers: {dispatch}"):
        workers = scenario.start_workers(3, PROGRAMS[dispatch.removesuffix("_short")])
    with scenario.step("Send three hundred tasks that take no time"):
        sent = scenario.publish(scenario.queue_of(workers), SHORT)
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "L16",
        check.working_time(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.all_settled(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
