"""Conclude a scenario: close it, judge its history, write its evidence."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from filaprova.errors import (
    BadInput,
    EnvironmentMissing,
    FaultMissed,
    FilaprovaError,
    ScenarioFailed,
)
from filaprova.judge.verdict import Outcome, worst
from filaprova.phrase import Phrase, first_line_of, joined, phrase_of, say, told_by
from filaprova.plugin.labels import Labels
from filaprova.plugin.options import in_ci
from filaprova.record.act import HarnessTrouble, StrikeMissed, WaitedInVain
from filaprova.record.history import History
from filaprova.runs.results import CheckResult, Family, Problem, ScenarioResult
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
        problem, skipped = _problem("unknown", say("broke off: {}", skipped)), None
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
    told = told_by(missing)
    if problem and problem.message != told:
        before = phrase_of(problem.message, problem.worded)
        told = joined("\n", [told, say("besides: {}", before)])
    return _problem("environment missing", told)


def _lacking(result: ScenarioResult, trouble: EnvironmentMissing) -> ScenarioResult:
    """Return the result of a scenario of whose evidence something could not be kept."""
    family: Family = "environment missing"
    told = told_by(trouble)
    if result.problem is not None:
        family = result.problem.family
        before = phrase_of(result.problem.message, result.problem.worded)
        told = joined("\n", [before, told])
    return msgspec.structs.replace(
        result,
        outcome=worst([result.outcome, Outcome.UNKNOWN]),
        problem=_problem(family, told),
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
        skipped=None,
        folder=folder.name,
    )


def problem_of(error: BaseException, file: Path) -> tuple[Problem | None, Outcome]:
    """Return whose fault an error of a scenario in this file is, and the outcome it makes."""
    match error:
        case pytest.skip.Exception():
            return None, Outcome.UNKNOWN
        case FaultMissed():
            return _problem("unknown", _told(error, file)), Outcome.UNKNOWN
        case ScenarioFailed() | AssertionError() | pytest.fail.Exception():
            return _problem("scenario failed", _told(error, file)), Outcome.FAIL
        case EnvironmentMissing() | BadInput():
            return _problem("environment missing", told_by(error)), Outcome.UNKNOWN
        case _ if isinstance(error, INTERRUPTIONS):
            told = say("the run was interrupted ({})", type(error).__name__)
            return _problem("unknown", told), Outcome.UNKNOWN
        case _:
            return _problem("harness bug", _traced(error, file)), Outcome.UNKNOWN


def _result(
    labels: Labels,
    *,
    outcome: Outcome,
    problem: Problem | None,
    skipped: Phrase | None,
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
        skipped=str(skipped or ""),
        skipped_worded=skipped.worded() if skipped else None,
        seconds=seconds,
        seconds_by=seconds_by or {},
    )


def _problem(family: Family, told: Phrase) -> Problem:
    return Problem(family=family, message=str(told), worded=told.worded())


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
        told = joined(
            "; ", [phrase_of(f"{each.where}: {each.error}", each.worded) for each in troubles[:5]]
        )
        return _problem("harness bug", told), Outcome.UNKNOWN
    missing = [
        *(phrase_of(wait.told, wait.worded) for wait in history.of(WaitedInVain)),
        *(
            say(
                "{} was never caught in the middle of a task: {}",
                miss.client,
                phrase_of(miss.reason, miss.worded),
            )
            for miss in history.of(StrikeMissed)
        ),
    ]
    if missing:
        others = [say("then: {}", first_line_of(each)) for each in missing[1:]]
        return _problem("unknown", joined("\n", [missing[0], *others])), Outcome.UNKNOWN
    if not verified:
        return _problem("harness bug", say("the scenario verified nothing")), Outcome.UNKNOWN
    return None, Outcome.PASS


def reason_to_skip(error: BaseException | None) -> Phrase | None:
    """Return why a scenario that raised this counts as skipped; None: it does not."""
    match error:
        case pytest.skip.Exception():
            return say("{}", error.msg) if error.msg else say("no reason given")
        case EnvironmentMissing() if not in_ci():
            return say("environment missing: {}", told_by(error))
        case _:
            return None


def _told(error: BaseException, file: Path) -> Phrase:
    """Return an error's message and the line of the scenario at which it came up."""
    message = told_by(error) or say("{}", type(error).__name__)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(file)]
    if not own:
        return message
    where = f"{own[-1].filename}:{own[-1].lineno}"
    return say("{}\n  at {}: {}", message, where, str(own[-1].line))


def _traced(error: BaseException, file: Path) -> Phrase:
    """Return an error's message, then its traceback from the scenario on."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next((i for i, frame in enumerate(frames) if frame.filename == str(file)), 0)
    message = "".join(traceback.format_exception_only(error)).rstrip()
    if isinstance(error, FilaprovaError):
        message = say("{}: {}", type(error).__name__, told_by(error))
    return joined("\n", [message, "".join(traceback.format_list(frames[first:])).rstrip()])
