"""Scenarios of a run whose disk gets full in the middle of the second; see test_full_disk.py."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

QUEUE = "faulty"


def test_before(scenario: Scenario) -> None:
    """There is room for this one."""
    scenario.produce("producer.py", 1)
    scenario.drain(QUEUE)
    scenario.verify("control", check.drained(queue=QUEUE))


def test_that_fills_the_disk(scenario: Scenario) -> None:
    """All is well but for the disk."""
    workers = scenario.start_workers(1, "talks.py")
    sent = scenario.produce("producer.py", 2)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.drain(QUEUE)
    scenario.verify("control", check.nothing_lost(queue=QUEUE), check.fully_decoded())


def test_after(scenario: Scenario) -> None:
    """There is no room for this one."""
    scenario.produce("producer.py", 1)
    scenario.verify("control", check.fully_decoded())
