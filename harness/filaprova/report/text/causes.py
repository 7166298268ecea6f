"""Causes: what is behind the scenarios that are not green, each told once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from filaprova.judge.verdict import Outcome
from filaprova.report.text.failure import cause_of, worst_check_of
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that went wrong, in one scenario or in several."""

    family: str
    """Whose affair it is: see ``Problem``."""
    told: str
    """What happened, in one sentence; empty where the scenario left none."""
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
    family, told = cause_of(scenario)
    check = worst_check_of(scenario)
    if told or check is None:
        return family, told
    return family, check.check.name, check.verdict.outcome, check.verdict.blame


def _cause(scenarios: Sequence[ScenarioResult]) -> Cause:
    family, told = cause_of(scenarios[0])
    check = None if told else worst_check_of(scenarios[0])
    return Cause(
        family=family,
        told=told or (check.verdict.summary if check else ""),
        check=check,
        scenarios=scenarios,
    )
