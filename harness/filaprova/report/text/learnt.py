"""What one scenario has shown, in one sentence: told as soon as it is over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from filaprova.judge.verdict import Outcome
from filaprova.report.text.catalogue import Texts
from filaprova.report.text.failure import in_a_line
from filaprova.report.text.figures import descend, missing, placeholders, render
from filaprova.runs.results import CheckResult, ScenarioResult


def learnt(scenario: ScenarioResult, texts: Texts) -> str:
    """Return what is most to be learnt from a scenario, in the language of these texts.

    Of a green one that is the check which its exercise's result, or else its claim's reason, quotes
    first; of another one what keeps it from being green, or why it was skipped.
    """
    if scenario.outcome is Outcome.PASS and not scenario.skipped:
        for check in [*_quoted(scenario, texts), *scenario.checks]:
            text, figures = texts.checks.get(check.check.name), check.verdict.figures
            lookup = partial(descend, figures)
            if text is not None and text.result and not missing(text.result, lookup):
                return render(text.result, lookup, texts.words)
    return in_a_line(scenario, texts)


def over(scenario: ScenarioResult, texts: Texts) -> str:
    """Return in one line how a scenario ended, how long it took, and what was learnt."""
    outcome = "skipped" if scenario.skipped else scenario.outcome.value
    return texts.interface["scenario_over"].format(
        texts.interface[f"verdict_{outcome}"],
        f"{scenario.seconds:.1f} s".replace(".", texts.words.decimal),
        learnt(scenario, texts),
    )


def _quoted(scenario: ScenarioResult, texts: Texts) -> Iterator[CheckResult]:
    """Yield the checks that are quoted of a scenario's exercises, then of its claims, in order."""
    sentences = {id: text.result for id, text in texts.exercises.items()}
    sentences |= {id: text.because for id, text in texts.claims.items()}
    for subject in scenario.subjects:
        for path, _ in placeholders(sentences.get(subject, "")):
            for part in path[1:]:
                name, _, figure = part.rpartition(".")
                yield from (
                    check
                    for check in scenario.checks
                    if check.subject == subject
                    and (check.check.name == name.rpartition(".")[2] or not name)
                    and figure in check.verdict.figures
                )
