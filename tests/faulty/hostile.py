"""Scenarios in which everything has a hostile name; see tests/report_browser/test_hostile.py."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

HOSTILE = "<script>boom()</script><img src=x onerror=boom()>\x1b[31m\x07\u202e]]></svg>\"'&{{7*7}}"
BODIES = [HOSTILE.encode() + b"1 .", b"\xff\xfe\x00\xed\xa0\x80 2", HOSTILE.encode() * 10_000]


def test_tasks_and_queue(scenario: Scenario) -> None:
    """A title with <script>boom()</script> in it."""
    with scenario.step(f"A step {HOSTILE}"):
        workers = scenario.start_workers(1, "hostile.py")
        sent = scenario.publish(HOSTILE, BODIES[:2])
        scenario.wait_done(sent.tasks, by=workers)
    scenario.count(HOSTILE)
    scenario.drain(HOSTILE)
    scenario.verify(
        "control", check.all_settled(queue=HOSTILE), check.none_done_twice(queue=HOSTILE)
    )


def test_end(scenario: Scenario) -> None:
    """It ends with hostile last words."""
    workers = scenario.start_workers(1, "hostile.py")
    scenario.publish(HOSTILE, BODIES)
    scenario.wait_exited(workers)
    scenario.wait_working(workers)
    raise AssertionError(HOSTILE)


def test_producer(scenario: Scenario) -> None:
    """A program with a hostile name."""
    scenario.produce("<img src=x onerror=boom()>\x1b[31m;touch pwned;$(touch pwned).py", 1)
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"), check.nothing_lost(queue="faulty"))
