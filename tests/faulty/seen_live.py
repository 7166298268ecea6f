"""Scenarios that somebody watches on a terminal; see test_progress.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from filaprova.judge import checks as check
from filaprova.scenario import Scenario
from filaprova.waiting import wait_until
from tests.patience import PATIENCE_S


def wait_for_leave() -> None:
    """Return as soon as whoever watches has seen enough."""
    leave = Path(os.environ["LEAVE"])
    wait_until(leave.exists, what="leave to go on", timeout_s=PATIENCE_S)


def test_first(scenario: Scenario) -> None:
    """The first scenario."""
    with scenario.step("Send a task"):
        scenario.produce("producer.py", 1)
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"))


def test_unknown(scenario: Scenario) -> None:
    """A scenario that verifies nothing."""
    print("captured output")
    with scenario.step("Send a task"):
        scenario.produce("producer.py", 1)


def test_watched(scenario: Scenario) -> None:
    """The scenario under way."""
    with scenario.step("Wait to be seen"):
        print("captured output")
        wait_for_leave()
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"))


def test_disturbed(scenario: Scenario, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario during which others write to the terminal."""
    with scenario.step("Write past the capture"):
        with capsys.disabled():
            print("written past the capture")
            wait_for_leave()
        print("captured output")
    with scenario.step("Stop in the debugger"):
        breakpoint()
    with scenario.step("Go on after it"):
        scenario.produce("producer.py", 1)
        wait_for_leave()
    scenario.drain("faulty")
    scenario.verify("control", check.drained(queue="faulty"))


def test_broken(scenario: Scenario) -> None:
    """A scenario that goes wrong."""
    with scenario.step("Go wrong"):
        assert scenario is None


def test_no_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with capsys.disabled():
            print("nothing is examined here")
