"""Conclude a scenario: close it, judge its history, write its evidence."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from filaprova.errors import BadInput, EnvironmentMissing, FaultMissed, ScenarioFailed
from filaprova.judge.verdict import Outcome, worst
from filaprova.plugin.labels import Labels
from filaprova.plugin.options import in_ci
from filaprova.record.act import HarnessTrouble, StrikeMissed, WaitedInVain
from filaprova.record.history import History
from filaprova.runs.results import CheckResult, Problem, ScenarioResult
from filaprova.runs.store import ScenarioFolder
from filaprova.scenario import Scenario

INTERRUPTIONS = (KeyboardInterrupt, SystemExit, pytest.exit.Exception)
"""What ends the whole run, not only the scenario that it hits."""


def conclude(
    scenario: Scenario,
    folder: ScenarioFolder,
    labels: Labels,
    *,
    error: BaseException | None,
    broker_log: Callable[[], Sequence[str]],
) -> ScenarioResult:
    """Close the scenario, judge it and write its evidence into its folder.

    ``error`` is what the scenario's body raised, if anything; what the history shows until then
    is judged all the same: a skip keeps its checks, and is no skip if one of them fails. Evidence
    that the machine does not let us keep takes no verdict away, but a scenario of which some is
    missing is not PASS. Where the broker is out of reach, nothing that went wrong is put down to
    the scenario.
    """
    seconds = scenario.elapsed_s
    verified = bool(scenario.planned)
    history = scenario.close()
    checks = _judge(scenario, history)
    problem, outcome = _what_went_wrong(error, labels.file, history, verified=verified)
    skipped = reason_to_skip(error)
    if skipped and any(check.verdict.outcome is Outcome.FAIL for check in checks):
        problem, skipped = Problem(family="unknown", message=f"broke off: {skipped}"), ""
    log: Sequence[str] = ()
    try:
        log = broker_log()
    except EnvironmentMissing as missing:
        problem, outcome = _out_of_reach(missing, problem), Outcome.UNKNOWN
    spent = scenario.seconds_by
    spent["harness"] = max(0.0, seconds - sum(spent.values()))
    result = _result(
        labels,
        outcome=worst([outcome, *(check.verdict.outcome for check in checks)]),
        problem=problem,
        skipped=skipped,
        folder=folder.name,
        checks=checks,
        seconds=seconds,
        seconds_by=spent,
    )
    trouble = scenario.record_trouble
    keeps: list[Callable[[], None]] = [
        lambda: folder.write_output(history),
        lambda: folder.write_broker_log(log),
    ]
    for keep in keeps:
        try:
            keep()
        except EnvironmentMissing as missing:
            trouble = trouble or missing
    if trouble is not None:
        result = _lacking(result, trouble)
    try:
        folder.write_verdict(result)
    except EnvironmentMissing as missing:
        result = result if trouble else _lacking(result, missing)
    return result


def _out_of_reach(missing: EnvironmentMissing, problem: Problem | None) -> Problem:
    before = f"\nbesides: {problem.message}" if problem and problem.message != str(missing) else ""
    return Problem(family="environment missing", message=f"{missing}{before}")


def _lacking(result: ScenarioResult, trouble: EnvironmentMissing) -> ScenarioResult:
    """Return the result of a scenario of whose evidence something could not be kept."""
    problem = result.problem or Problem(family="environment missing", message="")
    message = "\n".join(text for text in (problem.message, str(trouble)) if text)
    return msgspec.structs.replace(
        result,
        outcome=worst([result.outcome, Outcome.UNKNOWN]),
        problem=msgspec.structs.replace(problem, message=message),
    )


def not_begun(labels: Labels, error: BaseException) -> ScenarioResult:
    """Return the result of a scenario whose set-up raised this."""
    problem, outcome = problem_of(error, labels.file)
    return _result(
        labels, outcome=outcome, problem=problem, skipped=reason_to_skip(error), folder=""
    )


def not_concluded(labels: Labels, error: BaseException, folder: ScenarioFolder) -> ScenarioResult:
    """Return the result of a scenario whose conclusion raised this."""
    problem, outcome = problem_of(error, labels.file)
    return _result(
        labels,
        outcome=worst([outcome, Outcome.UNKNOWN]),
        problem=problem,
        skipped="",
        folder=folder.name,
    )


def problem_of(error: BaseException, file: Path) -> tuple[Problem | None, Outcome]:
    """Return whose fault an error of a scenario in this file is, and the outcome it makes."""
    match error:
        case pytest.skip.Exception():
            return None, Outcome.UNKNOWN
        case FaultMissed():
            return Problem(family="unknown", message=_told(error, file)), Outcome.UNKNOWN
        case ScenarioFailed() | AssertionError() | pytest.fail.Exception():
            return Problem(family="scenario failed", message=_told(error, file)), Outcome.FAIL
        case EnvironmentMissing() | BadInput():
            return Problem(family="environment missing", message=str(error)), Outcome.UNKNOWN
        case _ if isinstance(error, INTERRUPTIONS):
            message = f"the run was interrupted ({type(error).__name__})"
            return Problem(family="unknown", message=message), Outcome.UNKNOWN
        case _:
            return Problem(family="harness bug", message=_traced(error, file)), Outcome.UNKNOWN


def _result(
    labels: Labels,
    *,
    outcome: Outcome,
    problem: Problem | None,
    skipped: str,
    folder: str,
    checks: Sequence[CheckResult] = (),
    seconds: float = 0.0,
    seconds_by: dict[str, float] | None = None,
) -> ScenarioResult:
    return ScenarioResult(
        id=labels.node_id,
        folder=folder,
        title=labels.title,
        variant=labels.variant,
        subjects=labels.subjects,
        outcome=Outcome.UNKNOWN if skipped else outcome,
        checks=list(checks),
        problem=problem,
        skipped=skipped,
        seconds=seconds,
        seconds_by=seconds_by or {},
    )


def _judge(scenario: Scenario, history: History) -> list[CheckResult]:
    """Return each planned check with its verdict.

    Whatever the checks of one checkpoint derive from the history, they derive once.
    """
    return [
        CheckResult(
            subject=planned.subject,
            checkpoint=planned.checkpoint,
            check=planned.check,
            verdict=planned.check.judge(history.until(planned.checkpoint)),
        )
        for planned in scenario.planned
    ]


def _what_went_wrong(
    error: BaseException | None, file: Path, history: History, *, verified: bool
) -> tuple[Problem | None, Outcome]:
    troubles = history.of(HarnessTrouble)
    if error is not None:
        return problem_of(error, file)
    if troubles:
        message = "; ".join(f"{trouble.where}: {trouble.error}" for trouble in troubles[:5])
        return Problem(family="harness bug", message=message), Outcome.UNKNOWN
    missing = [
        *(wait.told for wait in history.of(WaitedInVain)),
        *(
            f"{miss.client} was never caught in the middle of a task: {miss.reason}"
            for miss in history.of(StrikeMissed)
        ),
    ]
    if missing:
        others = [f"then: {each.partition(chr(10))[0]}" for each in missing[1:]]
        message = "\n".join([missing[0], *others])
        return Problem(family="unknown", message=message), Outcome.UNKNOWN
    if not verified:
        message = "the scenario verified nothing"
        return Problem(family="harness bug", message=message), Outcome.UNKNOWN
    return None, Outcome.PASS


def reason_to_skip(error: BaseException | None) -> str:
    """Return why a scenario that raised this counts as skipped; empty: it does not."""
    match error:
        case pytest.skip.Exception():
            return error.msg or "no reason given"
        case EnvironmentMissing() if not in_ci():
            return f"environment missing: {error}"
        case _:
            return ""


def _told(error: BaseException, file: Path) -> str:
    """Return an error's message and the line of the scenario at which it came up."""
    message = str(error) or type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(file)]
    return (
        f"{message}\n  at {own[-1].filename}:{own[-1].lineno}: {own[-1].line}" if own else message
    )


def _traced(error: BaseException, file: Path) -> str:
    """Return an error's message, then its traceback from the scenario on."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next((i for i, frame in enumerate(frames) if frame.filename == str(file)), 0)
    message = "".join(traceback.format_exception_only(error))
    return f"{message}{''.join(traceback.format_list(frames[first:]))}".rstrip()
