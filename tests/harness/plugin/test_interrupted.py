"""A run that is interrupted, whenever that is, keeps what it has seen and leaves nothing.

By Ctrl-C, or by the SIGTERM with which CI cancels a job.
"""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Callable

import pytest

from filaprova.cli import main
from filaprova.judge.verdict import Outcome
from filaprova.record.act import StepEnded
from filaprova.record.program import ProgramExited
from filaprova.record.wire import Published
from filaprova.runs.store import read_verdict
from filaprova.waiting import wait_until
from tests.harness.plugin.conftest import Borrow
from tests.harness.plugin.runs import FAULTY, Run
from tests.patience import PATIENCE_S


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGTERM])
def run(begin: Callable[..., Run], borrowed: Borrow, request: pytest.FixtureRequest) -> Run:
    run = begin(FAULTY / "interrupted.py", "--broker", "local", **borrowed(3))
    run.read_until("Wait for what never comes")
    run.send(request.param)
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
    assert interrupted.problem.family == "unknown"
    assert [e.error is None for e in interrupted.events(StepEnded)] == [True, False]
    assert len(interrupted.events(ProgramExited)) == 2
    assert (run.run_folder.path / "answers.html").is_file()


def test_the_evidence_can_be_judged_again(run: Run) -> None:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        assert main(["recheck", str(run.run_folder.path)]) == 1
    assert told.getvalue().count("5 checks the same") >= 2


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.left_behind() == []


# ------------------------------------------------------------------ at other moments

BOOTING, DOWN = "the broker boots", "the server is down"
IN_THE_SCENARIO = ["a worker is frozen", DOWN, "the queue is drained"]
AFTER_IT = ["the scenario is judged", "the report is written", "all is cleaned up"]
EACH_TIME = [BOOTING, "a worker is frozen", "the report is written"]


def moments(*names: str) -> list[object]:
    return [
        pytest.param(name, marks=[] if name in EACH_TIME else [pytest.mark.thorough])
        for name in names
    ]


@pytest.fixture
def interrupted(begin: Callable[..., Run], borrowed: Borrow) -> Callable[..., Run]:
    """Return the run that was interrupted at a moment."""

    def interrupted(moment: str, times: int = 1) -> Run:
        others = {"MOMENT": moment, "TIMES": str(times)}
        if moment not in (BOOTING, DOWN):
            others |= borrowed(1)
        run = begin(FAULTY / "interrupted_at.py", "--broker", "local", **others)
        assert run.exit_status == 2, run.output
        assert "KeyboardInterrupt" in run.output
        assert "Traceback" not in run.output
        wait_until(lambda: not run.left_behind(), what="the end", timeout_s=PATIENCE_S)
        return run

    return interrupted


def test_while_the_broker_boots_there_is_nothing_to_keep(interrupted: Callable[..., Run]) -> None:
    assert not interrupted(BOOTING).reports.exists()


@pytest.mark.parametrize("moment", moments("a program has been started", *IN_THE_SCENARIO))
def test_in_a_scenario_what_was_verified_is_judged(
    interrupted: Callable[..., Run], moment: str
) -> None:
    run = interrupted(moment)
    scenario = run.scenarios["test_interrupted"]
    assert scenario.outcome is Outcome.UNKNOWN
    assert scenario.problem.message == "the run was interrupted (KeyboardInterrupt)"
    assert scenario.folder is not None
    assert read_verdict(scenario.folder) == scenario.result
    if moment in IN_THE_SCENARIO:
        assert len(scenario.events(Published)) == 2
        assert scenario.verdict("fully_decoded").outcome is Outcome.PASS
    assert (run.run_folder.path / "answers.html").is_file()


@pytest.mark.parametrize("moment", moments(*AFTER_IT))
def test_after_it_the_verdict_and_the_report_are_finished_first(
    interrupted: Callable[..., Run], moment: str
) -> None:
    run = interrupted(moment)
    scenario = run.scenarios["test_interrupted"]
    assert [(c.check.name, c.verdict.outcome) for c in scenario.result.checks] == [
        ("fully_decoded", Outcome.PASS),
        ("drained", Outcome.PASS),
        ("publishers_duties_done", Outcome.PASS),
        ("declarations_agree", Outcome.PASS),
        ("kept_to_protocol", Outcome.PASS),
        ("nobody_crashed", Outcome.PASS),
    ]
    assert scenario.result.problem is None
    assert scenario.folder is not None
    assert read_verdict(scenario.folder) == scenario.result
    assert (run.run_folder.path / "answers.html").is_file()


def test_who_insists_does_not_have_to_wait(interrupted: Callable[..., Run]) -> None:
    run = interrupted("the scenario is judged", times=2)
    scenario = run.scenarios["test_interrupted"]
    assert scenario.outcome is Outcome.UNKNOWN
    assert scenario.problem.message == "the run was interrupted (KeyboardInterrupt)"
    assert len(scenario.events(Published)) == 2
