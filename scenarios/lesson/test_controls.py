import pytest

from harness import checkers as check
from harness.scenario import Scenario


@pytest.mark.examines("control")
@pytest.mark.parametrize(
    ("producer", "worker"),
    [
        ("01_producer_timed.py", "02_worker_consumer_noack.py"),
        ("01_producer_timed.py", "02_worker_consumer_ack.py"),
        ("01_producer_durable.py", "02_worker_consumer_ack_durable.py"),
    ],
    ids=["no_acknowledgement", "manual_acknowledgement", "durable"],
)
def test_nobody_is_harmed(scenario: Scenario, producer: str, worker: str) -> None:
    """Without a fault, the same workers on the same tasks lose nothing and do nothing twice.

    1. Start three workers, send twenty tasks that take time.
    2. Harm nobody and wait until all is done.
    """
    with scenario.step("Start three workers and send twenty tasks"):
        workers = scenario.start_workers(3, worker)
        sent = scenario.produce(producer, 20)
    with scenario.step("Wait until all are done"):
        scenario.wait_done(sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "control",
        check.round_robin_by_subscription(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
