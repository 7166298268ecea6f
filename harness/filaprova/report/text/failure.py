"""Tell why a scenario is not green: in one line, and as the whole story."""

from __future__ import annotations

from pathlib import Path

from filaprova.judge.verdict import Outcome, Verdict
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import CheckResult, ScenarioResult

_GENERAL = {
    "scenario failed": "not everything was as expected",
    "unknown": "the record does not show enough for a verdict",
    "harness bug": "it left no message",
    "environment missing": "it left no message",
}
"""What is said of each family where no problem says more."""


def name_of(scenario: ScenarioResult) -> str:
    """Return how people call a scenario: its title, or its id, with its variant."""
    title = scenario.title or scenario.id
    return f"{title} [{scenario.variant}]" if scenario.variant else title


def worst_check_of(scenario: ScenarioResult) -> CheckResult | None:
    """Return the check with the worst verdict, the first of several; None if all passed."""
    bad = [item for item in scenario.checks if item.verdict.outcome is not Outcome.PASS]
    return max(bad, key=lambda item: item.verdict.outcome.severity, default=None)


def worst_of(scenario: ScenarioResult) -> Verdict | None:
    """Return the worst verdict that is not a pass, the first of several; None if all passed."""
    check = worst_check_of(scenario)
    return check.verdict if check else None


def cause_of(result: ScenarioResult) -> tuple[str, str]:
    """Return the family of what went wrong, and the problem's first line if that decides it."""
    problem = result.problem
    if problem is not None and (problem.family != "unknown" or result.outcome is not Outcome.FAIL):
        return problem.family, (problem.message.splitlines() or [""])[0]
    return ("scenario failed" if result.outcome is Outcome.FAIL else "unknown"), ""


def in_a_line(scenario: ScenarioResult) -> str:
    """Return what a scenario gave in one line, whatever its outcome."""
    if scenario.skipped:
        return scenario.skipped
    if scenario.outcome is not Outcome.PASS:
        return failure_line(scenario)
    return scenario.checks[0].verdict.summary if scenario.checks else ""


def failure_line(result: ScenarioResult) -> str:
    """Return in one line whose fault it is that a scenario is not green, and what happened.

    It begins with one of the families of ``Problem``: Allure's categories go by that.
    """
    family, told = cause_of(result)
    verdict = worst_of(result)
    return escape_controls(
        f"{family}: {told or (verdict.summary if verdict else _GENERAL[family])}"
    )


def failure_story(result: ScenarioResult, evidence: Path | None) -> str:
    """Return the whole of it: what happened; expected, seen, at fault, evidence, hint."""
    family, told = cause_of(result)
    lines = [f"{family}: {told or _GENERAL[family]}"]
    if result.problem is not None:
        lines += result.problem.message.splitlines()[1 if told else 0 :]
    for check in result.checks:
        if check.verdict.outcome is not Outcome.PASS:
            lines += verdict_lines(check.subject, check.verdict)
    if evidence is not None:
        lines.append(f"evidence: {evidence}")
    return escape_controls("\n".join(lines), keep="\n")


def verdict_lines(subject: str, verdict: Verdict) -> list[str]:
    """Return what a verdict says, line by line: expected, seen, at fault, evidence, hint."""
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
