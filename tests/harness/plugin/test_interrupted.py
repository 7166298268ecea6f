"""A run that is interrupted (Ctrl-C) in the middle of a step keeps what it has seen."""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Callable

import pytest

from harness.__main__ import main
from harness.events import ProgramExited, StepEnded
from harness.verdict import Outcome
from tests.harness.plugin.runs import FAULTY, Run


@pytest.fixture(scope="module")
def run(begin: Callable[..., Run], local: str) -> Run:
    run = begin(FAULTY / "interrupted.py", "--broker", local)
    run.read_until("Wait for what never comes")
    run.send(signal.SIGINT)
    assert run.output
    return run


def test_the_exit_status_is_that_of_an_interruption(run: Run) -> None:
    assert run.exit_status == 2
    assert "KeyboardInterrupt" in run.output


def test_what_was_recorded_is_judged_and_kept(run: Run) -> None:
    assert {name: s.outcome for name, s in run.scenarios.items()} == {
        "test_before": Outcome.PASS,
        "test_interrupted": Outcome.UNKNOWN,
    }
    interrupted = run.scenarios["test_interrupted"]
    assert interrupted.verdict("fully_decoded").outcome is Outcome.PASS
    assert "interrupted" in interrupted.problem.message
    assert interrupted.problem.family == "environment missing"
    assert [e.error is None for e in interrupted.events(StepEnded)] == [True, False]
    assert len(interrupted.events(ProgramExited)) == 2
    assert (run.run_folder.path / "answers.html").is_file()


def test_the_evidence_can_be_judged_again(run: Run) -> None:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(["recheck", str(run.run_folder.path)]) == 1
    assert told.getvalue().count("1 check the same") >= 2


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.left_behind() == []
