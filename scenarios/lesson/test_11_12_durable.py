import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L11", "L12", "K7", "K9")
def test_durable_queue_and_persistent_tasks(scenario: Scenario) -> None:
    """A durable queue with persistent tasks is back after a graceful stop of the server.

    1. Start three workers on a durable queue, send twenty persistent tasks that take time.
    2. Stop the server half-way, start it again.
    3. List the queues: the queue and the unfinished tasks are back.
    4. Start the workers again that have ended: the first to connect takes everything.
    """
    with scenario.step("Start three workers and send twenty persistent tasks"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack_durable.py", pause_at_task=3)
        sent = scenario.produce("01_producer_durable.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("List the queues and stop the server half-way"):
        scenario.count(sent.queue)
        scenario.stop_broker()
    with scenario.step("Start the server again, list the queues before the workers notice"):
        scenario.start_broker()
        left = scenario.count(sent.queue)
    with scenario.step("See what becomes of the workers"):
        scenario.resume(workers)
        scenario.wait_ended_or_back(workers)
    scenario.verify(
        "L11",
        check.broker_was_stopped(how="stop"),
        check.graceful_stop_was_clean(),
        check.queue_survived_restart(queue=sent.queue),
        check.published_as_persistent(queue=sent.queue),
        check.tasks_survived_restart(queue=sent.queue),
        check.ended_or_came_back(clients=[worker.client for worker in workers]),
    )
    with scenario.step("Start those again that have ended"):
        restarted = scenario.start_again(workers)
        scenario.wait_acknowledgements(left.ready_count, by=restarted)
    scenario.drain(sent.queue)
    back = [worker.client for worker in restarted]
    scenario.verify(
        "L12",
        check.first_subscriber_takes_backlog(queue=sent.queue, clients=back),
        check.nothing_lost(queue=sent.queue),
        check.done_twice_within_in_flight(queue=sent.queue),
        check.settled_after_work(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
