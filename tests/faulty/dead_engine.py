"""Scenarios of a run whose Docker engine dies in the first; see test_dead_engine.py."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

QUEUE = "faulty"


def test_in_which_it_dies(scenario: Scenario) -> None:
    """It is dead before the end."""
    scenario.produce("producer.py", 1)
    scenario.drain(QUEUE)
    scenario.verify("control", check.drained(queue=QUEUE))


def test_that_needs_it(scenario: Scenario) -> None:
    """It is asked for something."""
    scenario.count(QUEUE)


def test_that_fails(scenario: Scenario) -> None:
    """Something goes wrong that may be because of it."""
    scenario.start_workers(1, "ends_at_once.py")
