import pytest

from harness import checkers as check
from harness.scenario import Scenario

FLEETING = "work_queues_not_durable"
UNCONFIRMED = "work_queues_unconfirmed"


@pytest.mark.examines("L13", "K7")
def test_both_switches_are_needed(scenario: Scenario) -> None:
    """Tasks outlive the server only if queue and message last; a crash only if confirmed, too.

    1. Send transient messages to a durable queue.
    2. Send persistent messages to a queue that is not durable.
    3. Stop the server and start it again, list the queues.
    4. Send persistent messages to durable queues, with and without publisher confirms.
    5. Kill the server at once, start it again, see what is left.
    """
    with scenario.step("Send transient messages to a durable queue"):
        transient = scenario.produce("01_producer_durable_transient.py", 20)
        scenario.count(transient.queue)
    with scenario.step("Send persistent messages to a queue that is not durable"):
        scenario.declare(FLEETING, durable=False)
        scenario.publish(FLEETING, numbered("persistent", 20))
        scenario.count(FLEETING)
    with scenario.step("Stop the server and start it again"):
        scenario.declare(UNCONFIRMED, durable=True)
        scenario.stop_broker()
        scenario.start_broker()
    with scenario.step("List the queues"):
        scenario.count(transient.queue)
        scenario.count(FLEETING)
    scenario.verify(
        "L13",
        check.graceful_stop_was_clean(),
        check.queue_survived_restart(queue=transient.queue),
        check.transient_tasks_gone(queue=transient.queue),
        check.queue_gone_after_restart(queue=FLEETING),
    )
    with scenario.step("Send persistent messages with and without confirms, kill the server"):
        scenario.publish(transient.queue, numbered("confirmed", 300), confirms=True)
        scenario.publish(UNCONFIRMED, numbered("unconfirmed", 2000))
        scenario.kill_broker()
        scenario.start_broker()
    with scenario.step("See what is left"):
        scenario.drain(transient.queue)
        scenario.drain(UNCONFIRMED)
    scenario.verify(
        "K7",
        check.broker_was_stopped(how="kill"),
        check.confirmed_came_back(queue=transient.queue),
        check.unconfirmed_came_back(queue=UNCONFIRMED),
        check.drained(queue=transient.queue),
        check.drained(queue=UNCONFIRMED),
        check.fully_decoded(),
    )


def numbered(what: str, count: int) -> list[bytes]:
    """Return message bodies that tell what they are and which."""
    return [b"%s %d" % (what.encode(), number) for number in range(count)]
