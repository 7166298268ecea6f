"""A scenario that stands still while all it has open is looked at; see test_safety.py."""

from __future__ import annotations

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


def test_watched(scenario: Scenario) -> None:
    """A worker tells all it knows, and fails."""
    with scenario.step("Start a worker"):
        workers = scenario.start_workers(1, "tells_everything.py")
        sent = scenario.produce("producer.py", 1)
        scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.count(sent.queue)
    scenario.verify("control", check.fully_decoded(), check.nothing_lost(queue="other"))
    with scenario.step("Wait for what never comes"):
        scenario.wait_done(["a task that nobody sends"], by=workers)
