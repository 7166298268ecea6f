"""What a comparison of runs shows, as data: exercise by run, claim by run, and the differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filaprova.errors import BadInput
from filaprova.judge.verdict import worst
from filaprova.report.comparison.change import (
    change,
    why_of_claim,
    why_of_exercise,
    why_of_scenario,
)
from filaprova.report.comparison.row_diff import KINDS, Cell, Row, Sentence, row
from filaprova.report.comparison.sentences import Speaker
from filaprova.report.pages.page import ClaimView, Page, SubjectView
from filaprova.report.text.bilingual import Bilingual, joined, same
from filaprova.report.text.catalogue import Catalogue
from filaprova.report.text.figures import judged_subjects, written
from filaprova.report.text.run_names import alike, run_names
from filaprova.report.text.subject_status import CONTROL, other_scenarios
from filaprova.runs.results import RunResult
from filaprova.runs.store import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of each run."""

    title: Bilingual
    values: Sequence[Bilingual]
    differs: bool
    """It is not the same in all runs, and need not be another in each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """A row in which the last run stands worse than the first, and why."""

    row: Row
    why: Bilingual | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """Rows that became neither worse nor better, of one kind: they are named in one line."""

    title: Bilingual
    names: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One of the runs that are compared."""

    name: str
    folder: Path
    result: RunResult
    page: Page
    speaker: Speaker


class Comparison:
    """Everything that the page and the table of a comparison ask for."""

    def __init__(self, runs: Sequence[tuple[RunFolder, RunResult]], catalogue: Catalogue) -> None:
        """Compare runs in this order; ``BadInput`` where there is nothing to compare."""
        folders, results = [folder.path for folder, _ in runs], [result for _, result in runs]
        _refuse_twins(folders)
        self._contents, self._texts = catalogue.contents, catalogue.texts
        self.runs = [
            ComparedRun(
                name=name,
                folder=folder,
                result=result,
                page=Page(result, catalogue),
                speaker=Speaker(result, catalogue),
            )
            for name, folder, result in zip(
                run_names(results, folders), folders, results, strict=True
            )
        ]
        self._alike = alike(results)
        self.exercises = list(self._exercises())
        self.claims = list(self._claims())
        self.others = list(self._others())
        every = [*self.exercises, *self.claims, *self.others]
        if not any(sum(cell.ran for cell in item.cells) > 1 for item in every):
            raise BadInput(
                "no two of these runs have an exercise in common, so there is nothing to compare. "
                "Name runs of the same exercises."
            )
        self.outcome = worst(result.outcome for result in results)
        self.title = self.interface("compare_title", len(self.runs))
        self.facts = self._facts()
        self.notes = list(self._notes())
        self.counts = self._counts()
        first, last = self.runs[0].name, self.runs[-1].name
        self.worse_title = self.interface("compare_worse", last, first)
        self.worse = sorted(self._worse(), key=lambda item: -_severity(item.row.cells[-1]))
        self.no_worse = self.interface("compare_no_worse", last, first)
        self.better_title = self.interface("compare_better", last, first)
        self.better = [item for item in every if _change(item) == "better"]
        self.remainders = list(self._remainders([item for item in every if not _change(item)]))

    def interface(self, key: str, *details: object) -> Bilingual:
        """Return a text of the interface, with its details."""
        return self.runs[0].page.interface(key, *details)

    def seconds(self, value: float) -> Bilingual:
        """Return a duration as each language writes it."""
        return self.runs[0].page.seconds(value)

    def name(self, row: Row) -> Bilingual:
        """Return how a row is called: its id and title, or its scenario's title and variant."""
        variant = f" [{row.variant}]" if row.variant else ""
        return joined([same(f"{row.id} " if row.id else ""), row.title, same(variant)], "")

    def _worse(self) -> Iterator[Worse]:
        page = self.runs[-1].page
        exercises = {view.id: view for view in page.exercises}
        claims = {view.id: view for view in page.claims}
        others = {page.name(view.scenario): view for view in page.others}
        for item in (*self.exercises, *self.claims, *self.others):
            if _change(item) != "worse":
                continue
            if item.id in exercises:
                why = why_of_exercise(page, exercises[item.id])
            elif item.id in claims:
                why = why_of_claim(page, claims[item.id])
            else:
                name = self.name(item)
                why = why_of_scenario(page, others[name], name)
            yield Worse(row=item, why=why)

    def _remainders(self, rows: Sequence[Row]) -> Iterator[Remainder]:
        """Yield the rows that differ otherwise, by kind, and at last those that do not."""
        for kind in reversed(KINDS):
            title = self.interface(f"compare_{kind}")
            some = [item for item in rows if item.kind == kind and not item.unchanged]
            yield from self._remainder(title, some)
        unchanged = [item for item in rows if item.unchanged]
        yield from self._remainder(self.interface("compare_unchanged"), unchanged)

    def _remainder(self, title: Bilingual, rows: Sequence[Row]) -> Iterator[Remainder]:
        if rows:
            names = [same(item.id) if item.id else self.name(item) for item in rows]
            yield Remainder(title=title, names=joined(names, ", "))

    def _exercises(self) -> Iterator[Row]:
        for views in zip(*(run.page.exercises for run in self.runs), strict=True):
            yield from self._row(
                views[0].title,
                [_standing(view) for view in views],
                [run.speaker.of_exercise(view) for run, view in zip(self.runs, views, strict=True)],
                id=views[0].id,
            )

    def _claims(self) -> Iterator[Row]:
        for views in zip(*(run.page.claims for run in self.runs), strict=True):
            yield from self._row(
                views[0].says,
                [_ruling(view) for view in views],
                [run.speaker.of_claim(view) for run, view in zip(self.runs, views, strict=True)],
                id=views[0].id,
            )

    def _others(self) -> Iterator[Row]:
        """Yield a row for each scenario that speaks for nothing of the lesson."""
        found = [
            {item.id: item for item in other_scenarios(run.result, self._contents)}
            for run in self.runs
        ]
        for node, one in {node: item for of_run in found for node, item in of_run.items()}.items():
            scenarios = [of_run.get(node) for of_run in found]
            yield from self._row(
                self.runs[0].page.said(one.title or one.id),
                [
                    Cell(outcome=item.outcome, seconds=item.seconds) if item else Cell()
                    for item in scenarios
                ],
                [
                    run.speaker.of_scenario(item) if item else ()
                    for run, item in zip(self.runs, scenarios, strict=True)
                ],
                variant=one.variant,
            )

    def _row(
        self,
        title: Bilingual,
        cells: Sequence[Cell],
        said: Sequence[Iterator[Sentence] | tuple[()]],
        *,
        id: str = "",
        variant: str = "",
    ) -> Iterator[Row]:
        """Yield a row, unless none of the runs has anything to say."""
        if any(cell.ran for cell in cells):
            told = [
                (run.name, cell, list(sentences))
                for run, cell, sentences in zip(self.runs, cells, said, strict=True)
            ]
            yield row(title, told, self._alike, id=id, variant=variant)

    def _facts(self) -> list[Fact]:
        """Return what is known of the runs, in the order in which a run tells it."""
        told = [dict(run.page.facts) for run in self.runs]
        bound_to_differ = [self.interface(key) for key in ("fact_date", "fact_run")]
        facts = []
        for title in dict.fromkeys(title for of_run in told for title in of_run):
            values = [of_run.get(title, same("")) for of_run in told]
            differs = len(set(values)) > 1 and title not in bound_to_differ
            if title != self.interface("fact_reason"):
                facts.append(Fact(title=title, values=values, differs=differs))
        return facts

    def _notes(self) -> Iterator[Bilingual]:
        """Yield what else is to be known before the rows are read."""
        for index, run in enumerate(self.runs):
            for note in run.page.notes:
                yield Bilingual(pt=f"{run.name}: {note.pt}", en=f"{run.name}: {note.en}")
            if unknown := _unknown(run.result, run.page):
                yield self.interface("compare_unknown", run.name, ", ".join(unknown))
            for other in self.runs[:index]:
                if (other.result.run, other.result.started_at) == (
                    run.result.run,
                    run.result.started_at,
                ):
                    yield self.interface("compare_copies", other.name, run.name)
        differing = any(
            item.kind in ("figures", "outcome") for item in (*self.exercises, *self.claims)
        )
        if differing and all(len(some) == 1 for some in self._alike):
            yield self.interface("compare_once")

    def _counts(self) -> Bilingual:
        kinds = Counter(item.kind for item in self.exercises)
        exercises = self._counted(len(self.exercises), self.interface("count_exercises"))
        told = [
            self._counted(kinds[kind], self.interface(f"count_{kind}"))
            for kind in KINDS
            if kinds[kind]
        ]
        return joined([exercises, joined(told, ", ")], ": ")

    def _counted(self, number: int, nouns: Bilingual) -> Bilingual:
        """Return a number with the noun that fits it, of ``singular|plural`` in each language."""
        pt, en = (texts.words for texts in (self._texts["pt"], self._texts["en"]))
        return Bilingual(pt=written(number, nouns.pt, pt), en=written(number, nouns.en, en))


def _change(item: Row) -> str:
    return change(item.cells[0], item.cells[-1])


def _severity(cell: Cell) -> int:
    return cell.outcome.severity if cell.outcome is not None else 0


def _standing(view: SubjectView) -> Cell:
    if view.status.outcome is None:
        return Cell()
    return Cell(outcome=view.status.outcome, seconds=view.status.seconds)


def _ruling(view: ClaimView) -> Cell:
    if not any(support.scenarios for support in view.supports):
        return Cell()
    return Cell(ruling=view.ruling.replace(" ", "_") if view.ruling else "undecided")


def _refuse_twins(folders: Sequence[Path]) -> None:
    for folder, count in Counter(folders).items():
        if count > 1:
            raise BadInput(
                f"{folder} is named {count} times; a run cannot be compared with itself. Name "
                "each run once (reports/latest is one of the others)."
            )


def _unknown(run: RunResult, page: Page) -> list[str]:
    """Return the exercises and claims of a run that the lesson does not have."""
    known = {view.id for view in page.exercises} | {view.id for view in page.claims}
    named = {
        subject
        for scenario in run.scenarios
        for subject in (*scenario.subjects, *judged_subjects(scenario))
    }
    return sorted(named - known - {CONTROL})
