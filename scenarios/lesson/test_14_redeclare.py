import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L14", "K8")
def test_redeclare(scenario: Scenario) -> None:
    """An existing queue cannot be declared again with another durability.

    1. Send messages to a queue.
    2. Declare it again as it is: nothing happens.
    3. Declare it again with another durability: refused, the channel is closed.
    4. List the queue: it is unharmed.
    """
    with scenario.step("Send thirty messages to a queue that is not durable"):
        sent = scenario.produce("01_producer.py", 30)
        scenario.count(sent.queue)
    with scenario.step("Declare it again as it is"):
        scenario.declare(sent.queue, durable=False)
    with scenario.step("Declare it again as durable"):
        scenario.declare(sent.queue, durable=True)
    with scenario.step("List the queue"):
        scenario.count(sent.queue)
    scenario.drain(sent.queue)
    scenario.verify(
        "L14",
        check.declared_as(queue=sent.queue, durable=False),
        check.redeclare_refused(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.counts_agree(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
