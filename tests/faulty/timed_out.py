"""A scenario that pytest-timeout ends the hard way, at once and with no teardown."""

from __future__ import annotations

import threading

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario


@pytest.mark.timeout(300, method="thread")
def test_ended_the_hard_way(scenario: Scenario) -> None:
    """A worker has done its task, and then nothing comes."""
    workers = scenario.start_workers(1, "well_behaved.py")
    sent = scenario.produce("producer.py", 1)
    scenario.wait_acknowledged(sent.tasks, by=workers)
    scenario.verify("control", check.fully_decoded())
    [timer] = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    threading.Thread(target=timer.function, args=timer.args).start()  # its time has run out
    scenario.wait_done(["a task that nobody sends"], by=workers)
