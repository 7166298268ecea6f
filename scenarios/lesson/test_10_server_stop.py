import pytest

from harness import checkers as check
from harness.scenario import Scenario


@pytest.mark.examines("L10", "K6")
def test_server_stop(scenario: Scenario) -> None:
    """When the server stops, a queue that is not durable goes with it, and its tasks too.

    1. Start three workers that acknowledge after the work, send twenty tasks that take time.
    2. List the queues.
    3. Stop the server half-way, start it again.
    4. List the queues again.
    """
    with scenario.step("Start three workers and send twenty tasks"):
        workers = scenario.start_workers(3, "02_worker_consumer_ack.py", pause_at_task=3)
        sent = scenario.produce("01_producer_timed.py", 20)
        scenario.wait_paused(workers)
    with scenario.step("List the queues and stop the server half-way"):
        scenario.count(sent.queue)
        scenario.stop_broker()
    with scenario.step("Start the server again"):
        scenario.start_broker()
        scenario.resume(workers)
        scenario.wait_exited(workers)
    with scenario.step("List the queues again"):
        scenario.count(sent.queue)
    scenario.verify(
        "L10",
        check.broker_was_stopped(how="stop"),
        check.graceful_stop_was_clean(),
        check.queue_gone_after_restart(queue=sent.queue),
        check.exited(clients=[worker.client for worker in workers], exit_code=1),
        check.fully_decoded(),
    )
