"""How each exercise and each claim stands after a run: what summary and answers both show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from filaprova.judge.verdict import Outcome, worst
from filaprova.report.text.catalogue import Claim, Contents, Exercise
from filaprova.report.text.figures import judged_subjects, variant_of
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult

CONTROL = "control"
"""Subject of checks that vouch for the whole scenario: wire decoded, fault landed, drained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectStatus:
    """What a run says about one subject: an exercise or a claim."""

    subject: str
    scenarios: Sequence[ScenarioResult]
    outcome: Outcome | None
    """The worst of its scenarios; None: none of them was run."""
    missing_variants: Sequence[str]
    """Variants that belong to it and were not run."""

    @property
    def settled(self) -> bool:
        """Tell whether everything that belongs to it was run and passed."""
        return self.outcome is Outcome.PASS and not self.missing_variants

    @property
    def judged(self) -> bool:
        """Tell whether there are checks that speak for it alone."""
        return any(self.subject in judged_subjects(item) for item in self.scenarios)

    @property
    def seconds(self) -> float:
        """Return how long its scenarios took together."""
        return sum(scenario.seconds for scenario in self.scenarios)

    @property
    def checks(self) -> list[tuple[ScenarioResult, CheckResult]]:
        """Return its checks and those that vouch for its scenarios, in order."""
        return [
            (scenario, result)
            for scenario in self.scenarios
            for result in scenario.checks
            if result.subject in (self.subject, CONTROL)
        ]

    @property
    def failing(self) -> list[tuple[ScenarioResult, CheckResult]]:
        """Return those of its checks that did not pass, the worst first."""
        bad = [pair for pair in self.checks if pair[1].verdict.outcome is not Outcome.PASS]
        return sorted(bad, key=lambda pair: -pair[1].verdict.outcome.severity)


def status_of(run: RunResult, subject: str, variants: Sequence[str] = ()) -> SubjectStatus:
    """Return how one subject stands."""
    scenarios = [item for item in run.scenarios if _speaks_for(item, subject)]
    seen = {variant_of(scenario) for scenario in scenarios}
    return SubjectStatus(
        subject=subject,
        scenarios=scenarios,
        outcome=worst(outcome_for(item, subject) for item in scenarios) if scenarios else None,
        missing_variants=[variant for variant in variants if variant not in seen],
    )


def statuses(run: RunResult, contents: Contents) -> dict[str, SubjectStatus]:
    """Return how every exercise and every claim stands, in the order of their subject."""
    subjects: list[Exercise | Claim] = [*contents.exercises, *contents.claims]
    return {item.id: status_of(run, item.id, item.variants) for item in subjects}


def other_scenarios(run: RunResult, contents: Contents) -> list[ScenarioResult]:
    """Return the scenarios that speak for no exercise and no claim, such as controls."""
    subjects: list[Exercise | Claim] = [*contents.exercises, *contents.claims]
    ids = {item.id for item in subjects}
    return [
        item
        for item in run.scenarios
        if ids.isdisjoint(item.subjects) and ids.isdisjoint(judged_subjects(item))
    ]


def _speaks_for(scenario: ScenarioResult, subject: str) -> bool:
    """Tell whether a scenario says something about a subject.

    One that broke off before it was judged says so about all that it was meant to examine.
    """
    broke_off = bool(scenario.problem or scenario.skipped or not scenario.checks)
    return subject in judged_subjects(scenario) or (broke_off and subject in scenario.subjects)


def outcome_for(scenario: ScenarioResult, subject: str) -> Outcome:
    """Return the outcome of a scenario for one of the subjects it speaks for.

    A check that fails for another subject does not count here; a scenario that could not be
    carried out, or that did not judge this subject, never passes.
    """
    own = [item for item in scenario.checks if item.subject in (subject, CONTROL)]
    judged = worst(item.verdict.outcome for item in own)
    if scenario.problem or scenario.skipped or subject not in judged_subjects(scenario):
        return worst([judged, scenario.outcome, Outcome.UNKNOWN])
    if worst(item.verdict.outcome for item in scenario.checks) is Outcome.PASS:
        return scenario.outcome
    return judged
