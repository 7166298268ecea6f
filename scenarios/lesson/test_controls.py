from collections.abc import Callable, Sequence
from typing import Any

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

SETTLED = [check.all_settled, check.settled_after_work]


@pytest.mark.examines("control")
@pytest.mark.parametrize(
    ("producer", "worker", "wait_finished", "finished"),
    [
        ("timed", "noack", Scenario.wait_done, []),
        ("timed", "ack", Scenario.wait_acknowledged, SETTLED),
        ("durable", "ack_durable", Scenario.wait_acknowledged, SETTLED),
    ],
    ids=["no_acknowledgement", "manual_acknowledgement", "durable"],
)
def test_nobody_is_harmed(
    scenario: Scenario,
    producer: str,
    worker: str,
    wait_finished: Callable[..., None],
    finished: Sequence[Callable[..., Any]],
) -> None:
    """Without a fault, the same workers on the same tasks lose nothing and do nothing twice.

    1. Start three workers, send twenty tasks that take time.
    2. Harm nobody and wait until all are done, and acknowledged where workers do that.
    """
    with scenario.step("Start three workers and send twenty tasks"):
        workers = scenario.start_workers(3, f"02_worker_consumer_{worker}.py")
        sent = scenario.produce(f"01_producer_{producer}.py", 20)
    with scenario.step("Wait until all are done"):
        wait_finished(scenario, sent.tasks, by=workers)
    scenario.drain(sent.queue)
    scenario.verify(
        "control",
        check.round_robin_by_subscription(queue=sent.queue),
        check.nothing_lost(queue=sent.queue),
        check.none_done_twice(queue=sent.queue),
        check.acknowledgement_mode(queue=sent.queue, manual=True),
        *(settled(queue=sent.queue) for settled in finished),
        check.witnesses_agree(queue=sent.queue),
        check.sent_as_said(queue=sent.queue),
        check.drained(queue=sent.queue),
        check.fully_decoded(),
    )
