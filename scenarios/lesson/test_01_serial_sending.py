import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L01")
def test_serial_sending(scenario: Scenario) -> None:
    """Messages that nobody consumes wait in the queue, in the order in which they were sent.

    1. Start from an empty queue, without a consumer.
    2. Send thirty messages, one after another.
    3. List the queue: all of them are ready.
    """
    with scenario.step("Send thirty messages to an empty queue"):
        sent = scenario.produce("01_producer.py", 30)
    with scenario.step("List the queue"):
        scenario.count(sent.queue)
    with scenario.step("Take everything out"):
        scenario.drain(sent.queue)
    scenario.verify(
        "L01",
        check.left_in_queue_in_order(queue=sent.queue),
        check.counts_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.identities_unique(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
