import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.examines("L17")
def test_delete_an_absent_queue(scenario: Scenario) -> None:
    """Deleting a queue that is not there is no error.

    1. Run the script that deletes the queue, although there is none.
    """
    with scenario.step("Delete a queue that does not exist"):
        queue = scenario.delete("04_delete.py", "work_queues_durable")
        scenario.count(queue)
    scenario.verify("L17", check.queue_deleted(queue=queue), check.fully_decoded())


@pytest.mark.examines("L17")
def test_delete_an_empty_queue(scenario: Scenario) -> None:
    """Deleting an empty queue removes it and nothing else.

    1. Declare a queue, delete it with the script.
    2. List the queues.
    """
    with scenario.step("Declare the queue"):
        scenario.declare("work_queues_durable", durable=True)
    with scenario.step("Delete it"):
        queue = scenario.delete("04_delete.py", "work_queues_durable")
        scenario.count(queue)
    scenario.verify("L17", check.queue_deleted(queue=queue), check.fully_decoded())


@pytest.mark.examines("L17")
def test_delete_a_queue_with_tasks(scenario: Scenario) -> None:
    """Deleting a queue drops the tasks that wait in it.

    1. Send twenty tasks.
    2. Delete the queue with the script, list the queues.
    """
    with scenario.step("Send twenty tasks"):
        sent = scenario.produce("01_producer_durable.py", 20)
        scenario.count(sent.queue)
    with scenario.step("Delete the queue"):
        queue = scenario.delete("04_delete.py", sent.queue)
        scenario.count(queue)
    scenario.verify("L17", check.queue_deleted(queue=sent.queue), check.fully_decoded())


@pytest.mark.examines("L17")
def test_delete_a_queue_under_work(scenario: Scenario) -> None:
    """Deleting a queue under work cancels its consumers; they finish what they hold and end.

    1. Start three workers with prefetch 1, send twenty tasks that take time.
    2. Delete the queue with the script while they work.
    3. See what becomes of the tasks and of the workers.
    """
    with scenario.step("Start three workers and send twenty tasks"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack_prefetch.py", pause_at_task=2)
        sent = scenario.produce("01_producer_durable.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("Delete the queue while they work"):
        scenario.delete("04_delete.py", sent.queue)
    with scenario.step("See what becomes of the workers"):
        scenario.resume(workers)
        scenario.wait_ended_or_back(workers)
        scenario.count(sent.queue)
    scenario.verify(
        "L17",
        check.queue_deleted(queue=sent.queue),
        check.ended_or_came_back(clients=[worker.client for worker in workers]),
        check.fully_decoded(),
    )
