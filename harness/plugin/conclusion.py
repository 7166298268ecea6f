"""Conclude a scenario: close it, judge its history, write its evidence, tell its story."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from harness.errors import (
    BadInput,
    EnvironmentMissing,
    FaultMissed,
    HarnessBug,
    ScenarioFailed,
)
from harness.history import History
from harness.report.results import CheckResult, Problem, ScenarioResult
from harness.report.store import ScenarioFolder
from harness.scenario import Scenario
from harness.verdict import Outcome, Verdict, worst


def judge(scenario: Scenario, history: History) -> list[CheckResult]:
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


def problem_of(error: BaseException) -> tuple[Problem, Outcome]:
    """Return whose fault an error is and the outcome it makes."""
    match error:
        case FaultMissed():
            return Problem(family="scenario failed", message=str(error)), Outcome.UNKNOWN
        case ScenarioFailed() | AssertionError():
            return Problem(family="scenario failed", message=str(error)), Outcome.FAIL
        case EnvironmentMissing() | BadInput():
            return Problem(family="environment missing", message=str(error)), Outcome.UNKNOWN
        case KeyboardInterrupt():
            message = "interrupted from the keyboard"
            return Problem(family="environment missing", message=message), Outcome.UNKNOWN
        case HarnessBug():
            return Problem(family="harness bug", message=str(error)), Outcome.UNKNOWN
        case _:
            story = "".join(traceback.format_exception(error)).rstrip()
            return Problem(family="harness bug", message=story), Outcome.UNKNOWN


def conclude(
    scenario: Scenario,
    folder: ScenarioFolder,
    *,
    node_id: str,
    title: str,
    variant: str,
    subjects: Sequence[str],
    error: BaseException | None,
    broker_log: Sequence[str],
) -> ScenarioResult:
    """Close the scenario, judge it and write its evidence into its folder.

    ``error`` is what the scenario's body raised, if anything; what the history shows until then
    is judged all the same.
    """
    seconds = scenario.elapsed_s
    history = scenario.close()
    checks = judge(scenario, history)
    outcomes = [check.verdict.outcome for check in checks]
    problem = None
    if error is not None:
        problem, outcome = problem_of(error)
        outcomes.append(outcome)
    elif not checks:
        problem = Problem(family="harness bug", message="the scenario verified nothing")
    spent = scenario.seconds_by
    spent["harness"] = max(0.0, seconds - sum(spent.values()))
    result = ScenarioResult(
        id=node_id,
        folder=folder.name,
        title=title,
        variant=variant,
        subjects=list(subjects),
        outcome=worst(outcomes),
        checks=checks,
        problem=problem,
        seconds=seconds,
        seconds_by=spent,
    )
    folder.write_output(history)
    folder.write_broker_log(broker_log)
    folder.write_verdict(result)
    return result


def story(result: ScenarioResult, folder: ScenarioFolder) -> str:
    """Return why a scenario is not green: expected, seen, evidence, hint."""
    lines = []
    if result.problem is not None:
        lines.append(f"{result.problem.family}: {result.problem.message}")
    for check in result.checks:
        if check.verdict.outcome is not Outcome.PASS:
            lines.extend(_verdict_lines(check.subject, check.verdict))
    lines.append(f"evidence: {folder.path}")
    return "\n".join(lines)


def _verdict_lines(subject: str, verdict: Verdict) -> list[str]:
    lines = [f"{verdict.outcome.upper()} {subject} {verdict.check}: {verdict.summary}"]
    if verdict.expected:
        lines.append(f"  expected: {verdict.expected}")
    if verdict.seen:
        lines.append(f"  seen:     {verdict.seen}")
    if verdict.blame:
        lines.append(f"  at fault: {verdict.blame}")
    lines.extend(
        f"  {evidence.at_ns / 1e9:+.3f} s  {evidence.text}" for evidence in verdict.evidence[:5]
    )
    if verdict.hint:
        lines.append(f"  hint: {verdict.hint}")
    return lines
