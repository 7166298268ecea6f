"""Scenarios of a run that is interrupted in the middle of the second; see test_interrupted.py."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


def test_before(scenario: Scenario) -> None:
    """The scenario before the interrupted one."""
    scenario.produce("producer.py", 1)
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"))


def test_interrupted(scenario: Scenario) -> None:
    """The interrupted scenario."""
    with scenario.step("Start a worker"):
        workers = scenario.start_workers(1, "well_behaved.py")
        sent = scenario.produce("producer.py", 1)
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.verify("control", check.fully_decoded())
    with scenario.step("Wait for what never comes"):
        scenario.wait_done(["a task that nobody sends"], by=workers)


def test_after(scenario: Scenario) -> None:
    """The scenario after it, which is never begun."""
    scenario.produce("producer.py", 1)
