"""Causes: what is behind the scenarios that are not green, each told once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from filaprova.judge.verdict import Outcome
from filaprova.report.text.failure import deciding_problem, family_of, worst_check_of
from filaprova.runs.results import CheckResult, Family, Problem, RunResult, ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that went wrong, in one scenario or in several."""

    family: Family
    """Whose affair it is: see ``Problem``."""
    problem: Problem | None
    """What tells of it; None: the check does."""
    check: CheckResult | None
    """The check that shows it; None: the scenario broke off, or something else came in between."""
    scenarios: Sequence[ScenarioResult]
    """Where it was seen; the first one is the one to look at."""


def causes(run: RunResult) -> list[Cause]:
    """Return what went wrong in a run, failures before what is unknown.

    Scenarios have one cause if their worst checks are the same and blame the same, or if the same
    problem ended them. A scenario that was skipped has none.
    """
    found: dict[Hashable, list[ScenarioResult]] = {}
    for scenario in troubled(run):
        found.setdefault(_kind(scenario), []).append(scenario)
    return [_cause(scenarios) for scenarios in found.values()]


def troubled(run: RunResult) -> list[ScenarioResult]:
    """Return the scenarios that were carried out and are not green, failures first."""
    bad = [each for each in run.scenarios if each.outcome is not Outcome.PASS and not each.skipped]
    return sorted(bad, key=lambda each: -each.outcome.severity)


def _kind(scenario: ScenarioResult) -> Hashable:
    family, told = family_of(scenario), _told(scenario)
    check = worst_check_of(scenario)
    if told or check is None:
        return family, told
    return family, check.check.name, check.verdict.outcome, check.verdict.blame


def _cause(scenarios: Sequence[ScenarioResult]) -> Cause:
    first = scenarios[0]
    told = _told(first)
    return Cause(
        family=family_of(first),
        problem=deciding_problem(first) if told else None,
        check=None if told else worst_check_of(first),
        scenarios=scenarios,
    )


def _told(scenario: ScenarioResult) -> str:
    """Return the first line of the problem that decides, which is the same for the same cause."""
    problem = deciding_problem(scenario)
    return problem.message.strip().partition("\n")[0] if problem else ""
