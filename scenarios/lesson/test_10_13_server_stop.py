import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

FLEETING = "work_queues_not_durable"
UNCONFIRMED = "work_queues_unconfirmed"


@pytest.mark.examines("L10", "L13", "K6", "K7")
def test_server_stop(scenario: Scenario) -> None:
    """What outlives the server needs a durable queue and persistent tasks; a crash, confirms too.

    1. Start three workers on a queue that is not durable, send twenty tasks that take time.
    2. Send transient messages to a durable queue, persistent ones to a queue that is not durable.
    3. List the queues, stop the server half-way, start it again, list them again.
    4. Send persistent messages to durable queues, with and without publisher confirms.
    5. Kill the server at once, start it again, see what is left.
    """
    with scenario.step("Start three workers and send twenty tasks, nothing of it durable"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack.py", pause_at_task=3)
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("Send messages with only one of the two switches"):
        transient = scenario.produce("01_producer_durable_transient.py", 20)
        scenario.declare(FLEETING, durable=False)
        scenario.publish(FLEETING, numbered("persistent", 20))
    queues = [sent.queue, transient.queue, FLEETING]
    with scenario.step("List the queues and stop the server half-way"):
        scenario.declare(UNCONFIRMED, durable=True)
        for queue in queues:
            scenario.count(queue)
        scenario.stop_broker()
    with scenario.step("Start the server again"):
        scenario.start_broker()
    with scenario.step("List the queues again, before the workers notice"):
        for queue in queues:
            scenario.count(queue)
    with scenario.step("See what becomes of the workers"):
        scenario.resume(workers)
        scenario.wait_ended_or_back(workers)
    scenario.verify(
        "L10",
        check.broker_was_stopped(how="stop"),
        check.graceful_stop_was_clean(),
        check.queue_gone_after_restart(queue=sent.queue),
        check.ended_or_came_back(clients=[worker.client for worker in workers]),
    )
    scenario.verify(
        "L13",
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
        check.broker_was_stopped(how="kill", mid_task=False),
        check.confirmed_came_back(queue=transient.queue),
        check.unconfirmed_came_back(queue=UNCONFIRMED),
        check.drained(queue=transient.queue),
        check.drained(queue=UNCONFIRMED),
        check.fully_decoded(),
    )


def numbered(what: str, count: int) -> list[bytes]:
    """Return message bodies that tell what they are and which."""
    return [b"%s %d" % (what.encode(), number) for number in range(count)]
