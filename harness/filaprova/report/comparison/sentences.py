"""What one run says of an exercise, a claim or another scenario: sentences to be compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from filaprova.judge.verdict import Outcome
from filaprova.report.comparison.row_diff import Sentence, bits, free
from filaprova.report.pages.page import ClaimView, SubjectView
from filaprova.report.text.bilingual import Bilingual
from filaprova.report.text.catalogue import Catalogue, Texts
from filaprova.report.text.failure import in_a_line, summary
from filaprova.report.text.figures import Figures, Lookup, descend, missing, variant_of
from filaprova.report.text.subject_status import CONTROL
from filaprova.runs.results import CheckResult, RunResult, ScenarioResult

_SENTENCE_ENDS = re.compile(r"(?<=[.?!]) +")


class Speaker:
    """Speaks for one run, in the sentences of the lesson's texts."""

    def __init__(self, run: RunResult, catalogue: Catalogue) -> None:
        self._figures = Figures(run)
        self._pt, self._en = catalogue.texts["pt"], catalogue.texts["en"]

    def of_exercise(self, view: SubjectView) -> Iterator[Sentence]:
        """Yield its result; else what stands in the way, and what each of its checks says."""
        if view.result is not None:
            pt, en = (texts.exercises[view.id].result for texts in (self._pt, self._en))
            yield self._sentence(pt, en, lookup=self._figures.lookup, key="result")
            return
        yield from _obstacles(view)
        yield from _numbered(
            self._of_check(check, variant_of(scenario), always=False)
            for scenario, check in view.status.checks
            if check.subject != CONTROL
        )

    def of_claim(self, view: ClaimView) -> Iterator[Sentence]:
        """Yield why it is ruled so, sentence by sentence: only those that differ are shown."""
        if view.ruling is None:
            for support in view.supports:
                yield from _obstacles(support)
            return
        pt, en = (
            _SENTENCE_ENDS.split(texts.claims[view.id].because) for texts in (self._pt, self._en)
        )
        for number, (one, other) in enumerate(zip_longest(pt, en, fillvalue="")):
            yield self._sentence(
                one,
                other,
                lookup=self._figures.lookup,
                key=f"sentence {number}",
                always=False,
            )

    def of_scenario(self, scenario: ScenarioResult) -> Iterator[Sentence]:
        """Yield what kept a scenario from passing; else what its own checks say."""
        if scenario.outcome is not Outcome.PASS:
            yield free(self._both(partial(in_a_line, scenario)), "failure")
            return
        own = [item for item in scenario.checks if item.subject != CONTROL]
        yield from _numbered(
            self._of_check(check, check.subject, always=number == 0)
            for number, check in enumerate(own or scenario.checks[:1])
        )

    def _of_check(self, check: CheckResult, where: str, *, always: bool) -> Sentence:
        """Return the sentence that the texts have for a check, or else its summary."""
        key = f"{where} {check.checkpoint} {check.check.name}"
        lookup = partial(descend, check.verdict.figures)
        pt, en = (texts.checks.get(check.check.name) for texts in (self._pt, self._en))
        if pt is None or en is None or missing(pt.result, lookup) or missing(en.result, lookup):
            return free(self._both(partial(summary, check.verdict)), key, always=always)
        told = (f"{text.title}: {text.result}" for text in (pt, en))
        return self._sentence(*told, lookup=lookup, key=key, always=always)

    def _both(self, write: Callable[[Texts], str]) -> Bilingual:
        return Bilingual(pt=write(self._pt), en=write(self._en))

    def _sentence(
        self, pt: str, en: str, *, lookup: Lookup, key: str, always: bool = True
    ) -> Sentence:
        return Sentence(
            key=key,
            pt=bits(pt, lookup, self._pt.words),
            en=bits(en, lookup, self._en.words),
            always=always,
        )


def _numbered(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Tell sentences of one key (a checker used once for each queue) apart by their order."""
    count: Counter[str] = Counter()
    for sentence in sentences:
        count[sentence.key] += 1
        yield replace(sentence, key=f"{sentence.key} {count[sentence.key]}")


def _obstacles(view: SubjectView) -> Iterator[Sentence]:
    for number, text in enumerate(view.obstacles):
        yield free(text, f"{view.id} obstacle {number}")
