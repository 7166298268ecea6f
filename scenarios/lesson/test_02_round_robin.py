import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L02", "K1", "K2")
@pytest.mark.parametrize("consumers", [1, 2, 3])
def test_round_robin(scenario: Scenario, consumers: int) -> None:
    """Consumers that are connected before the messages arrive receive them in turn.

    1. Connect 1, 2 and 3 consumers.
    2. Send thirty messages.
    3. See who receives which.
    """
    with scenario.step(f"Connect consumers: {consumers}"):
        workers = scenario.start_workers(consumers, "02_worker_consumer.py")
    with scenario.step("Send thirty messages"):
        sent = scenario.produce("01_producer.py", 30)
    with scenario.step("Wait until all are received"):
        scenario.wait_received(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "L02",
        check.round_robin_by_subscription(queue=sent.queue),
        check.shares_even_by_count(queue=sent.queue),
        check.nothing_lost(queue=sent.queue, finished_by="received"),
        check.none_done_twice(queue=sent.queue, finished_by="received"),
        check.acknowledgement_mode(queue=sent.queue, manual=False),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
