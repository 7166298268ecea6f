"""conclude(): a skip takes no verdict away of what was verified before it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from filaprova.errors import EnvironmentMissing
from filaprova.judge.registry import Check
from filaprova.judge.verdict import Outcome, Verdict
from filaprova.plugin import conclusion, hooks
from filaprova.plugin.labels import labels_of
from filaprova.record.act import WaitedInVain
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.failure import failure_line, failure_story
from filaprova.report.text.subject_status import outcome_for
from filaprova.runs.results import CheckResult, ScenarioResult
from filaprova.runs.store import ScenarioFolder

SKIPS = [EnvironmentMissing("no way to kill it"), pytest.skip.Exception("no way to kill it")]
ENGLISH = load_catalogue().texts["en"]


@pytest.fixture
def concluded(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Conclude a scenario that verified L10 with this outcome, then raised this error."""
    monkeypatch.delenv("CI", raising=False)

    def conclude(
        outcome: Outcome,
        error: BaseException | None,
        *events: Event,
        planned: Sequence[str] = ("L10",),
    ) -> ScenarioResult:
        verdict = Verdict(check="survives", outcome=outcome, summary="2 tasks were lost")
        check = CheckResult(
            subject="L10", checkpoint="L10 #1", check=Check(name="survives"), verdict=verdict
        )
        monkeypatch.setattr(conclusion, "_judge", lambda *_: [check])
        scenario: Any = SimpleNamespace(
            elapsed_s=1.0,
            close=lambda: History(events),
            seconds_by={},
            record_trouble=None,
            planned=planned,
        )
        return conclusion.conclude(
            scenario,
            ScenarioFolder(tmp_path),
            labels_of(request.node),
            error=error,
            broker_log=list,
        )

    return conclude


@pytest.mark.parametrize("error", SKIPS)
def test_a_check_that_failed_before_a_skip_fails_the_scenario(
    concluded: Any, error: BaseException
) -> None:
    result = concluded(Outcome.FAIL, error)
    assert (result.outcome, result.skipped) == (Outcome.FAIL, "")
    assert failure_line(result, ENGLISH) == "scenario failed: 2 tasks were lost"
    assert "no way to kill it" in failure_story(result, None, ENGLISH)
    hooks._end_or_skip(error, result, ENGLISH)  # does not skip


@pytest.mark.parametrize("error", SKIPS)
@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.UNKNOWN])
def test_a_skip_keeps_its_checks_and_demonstrates_nothing_whole(
    concluded: Any, outcome: Outcome, error: BaseException
) -> None:
    result = concluded(outcome, error)
    assert "no way to kill it" in result.skipped
    assert [check.verdict.outcome for check in result.checks] == [outcome]
    assert result.outcome is outcome_for(result, "L10") is Outcome.UNKNOWN
    with pytest.raises(pytest.skip.Exception, match="no way to kill it"):
        hooks._end_or_skip(error, result, ENGLISH)


WAITED = [
    WaitedInVain(at_ns=1, kind="done", told="waited 20.0 s for 3 tasks\n  C1 runs, pid 1"),
    WaitedInVain(at_ns=2, kind="ended", told="waited 5.0 s for C1 to end\n  C1 runs, pid 1"),
]


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.UNKNOWN])
def test_a_scenario_that_waited_for_what_did_not_come_is_unknown(
    concluded: Any, outcome: Outcome
) -> None:
    result = concluded(outcome, None, *WAITED)
    assert result.outcome is Outcome.UNKNOWN
    assert failure_line(result, ENGLISH) == "unknown: waited 20.0 s for 3 tasks"
    assert result.problem.message.splitlines()[1:] == [
        "  C1 runs, pid 1",
        "then: waited 5.0 s for C1 to end",
    ]


def test_a_check_that_fails_all_the_same_says_more(concluded: Any) -> None:
    result = concluded(Outcome.FAIL, None, *WAITED)
    assert result.outcome is Outcome.FAIL
    assert failure_line(result, ENGLISH) == "scenario failed: 2 tasks were lost"


def test_a_scenario_that_verifies_nothing_of_its_own_is_a_bug(concluded: Any) -> None:
    result = concluded(Outcome.PASS, None, planned=())
    assert result.outcome is Outcome.UNKNOWN
    assert result.problem.message == "the scenario verified nothing"


def test_a_scenario_that_waited_and_verified_nothing_tells_of_the_wait(concluded: Any) -> None:
    result = concluded(Outcome.PASS, None, WAITED[1], planned=())
    assert failure_line(result, ENGLISH) == "unknown: waited 5.0 s for C1 to end"
