import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L04", "K2")
@pytest.mark.parametrize("consumers", [1, 3])
def test_tasks_that_take_time(scenario: Scenario, consumers: int) -> None:
    """Tasks are shared evenly by count, however long each of them takes.

    1. Connect 1 and 3 workers that acknowledge automatically.
    2. Send twenty tasks that take time.
    3. See how many each one gets, how long it works and how long it idles.
    """
    with scenario.step(f"Connect workers: {consumers}"):
        workers = scenario.start_workers(consumers, "02_worker_consumer_timed.py")
    with scenario.step("Send twenty tasks that take time"):
        sent = scenario.produce("01_producer_timed.py", 20)
    with scenario.step("Wait until all are done"):
        scenario.wait_done(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "L04",
        check.round_robin_by_subscription(queue=sent.queue),
        check.shares_even_by_count(queue=sent.queue),
        check.working_time(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.acknowledgement_mode(queue=sent.queue, manual=False),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
