import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L03", "K2", "K9")
@pytest.mark.parametrize("consumers", [2, 3])
def test_messages_first(scenario: Scenario, consumers: int) -> None:
    """Messages that are there before the consumers all go to the first one to subscribe.

    1. Send thirty messages to an empty queue.
    2. Connect 2 and 3 consumers.
    3. See who receives which.
    """
    with scenario.step("Send thirty messages"):
        sent = scenario.produce("01_producer.py", 30)
    with scenario.step(f"Connect consumers: {consumers}"):
        workers = scenario.start_workers(consumers, "02_worker_consumer.py")
    with scenario.step("Wait until all are received"):
        scenario.wait_received(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "L03",
        check.first_subscriber_takes_backlog(queue=sent.queue),
        check.nothing_lost(queue=sent.queue, finished_by="received"),
        check.none_done_twice(queue=sent.queue, finished_by="received"),
        check.acknowledgement_mode(queue=sent.queue, manual=False),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
