"""How each exercise and each claim stands after a run: what summary and answers both show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.figures import scenario_subjects
from harness.report.lesson import Lesson
from harness.report.results import CheckResult, RunResult, ScenarioResult
from harness.verdict import Outcome, worst

CONTROL = "control"
"""Subject of checks that vouch for the whole scenario: wire decoded, fault landed, drained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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


def standing(run: RunResult, subject: str, variants: Sequence[str] = ()) -> Standing:
    """Return how one subject stands."""
    scenarios = [item for item in run.scenarios if subject in scenario_subjects(item)]
    seen = {scenario.variant for scenario in scenarios}
    return Standing(
        subject=subject,
        scenarios=scenarios,
        outcome=worst(_outcome(item, subject) for item in scenarios) if scenarios else None,
        missing_variants=[variant for variant in variants if variant not in seen],
    )


def standings(run: RunResult, lesson: Lesson) -> dict[str, Standing]:
    """Return how every exercise and every claim stands, in the lesson's order."""
    exercises = {item.id: standing(run, item.id, item.variants) for item in lesson.exercises}
    return exercises | {item.id: standing(run, item.id) for item in lesson.claims}


def other_scenarios(run: RunResult, lesson: Lesson) -> list[ScenarioResult]:
    """Return the scenarios that speak for no exercise of the lesson."""
    exercises = {item.id for item in lesson.exercises}
    return [item for item in run.scenarios if exercises.isdisjoint(scenario_subjects(item))]


def _outcome(scenario: ScenarioResult, subject: str) -> Outcome:
    """Return the outcome of a scenario for one of the subjects it speaks for.

    A check that fails for another subject does not count here; a scenario that could not be
    carried out, or that did not judge this subject, never passes.
    """
    own = [item for item in scenario.checks if item.subject in (subject, CONTROL)]
    judged = worst(item.verdict.outcome for item in own)
    if scenario.problem or scenario.skipped or all(item.subject == CONTROL for item in own):
        return worst([judged, scenario.outcome, Outcome.UNKNOWN])
    if worst(item.verdict.outcome for item in scenario.checks) is Outcome.PASS:
        return scenario.outcome
    return judged
