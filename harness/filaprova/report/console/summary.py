"""The end of a run in the terminal: what each exercise gave, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from filaprova.judge.verdict import Outcome
from filaprova.report.console.console_text import ConsoleText
from filaprova.report.pages.page import Page
from filaprova.report.text.catalogue import Catalogue, Language, load_catalogue
from filaprova.runs.results import RunResult

SHARES = ("broker", "work", "start", "harness")
"""Keys of ``ScenarioResult.seconds_by``, in the order in which they are told."""


def print_summary(
    console: Console,
    run: RunResult,
    *,
    language: Language = "en",
    catalogue: Catalogue | None = None,
    answers: Path | None = None,
) -> None:
    """Print a row for each exercise that was run, the claims, the time, and where answers are.

    Several scenarios of one exercise make one row, with the worst outcome. Where the console is
    not a terminal, lines are drawn in ASCII.
    """
    page = Page(run, catalogue or load_catalogue(run.subject))
    teller = _Teller(console, page, language)
    console.print(teller.table(run))
    for line in teller.closing(run):
        console.print(line, soft_wrap=True)
    if answers is not None and answers.is_file():
        console.print(teller.where(answers), soft_wrap=True)


class _Teller:
    def __init__(self, console: Console, page: Page, language: Language) -> None:
        self._page = page
        self._speech = ConsoleText(console, language)

    def table(self, run: RunResult) -> Table:
        table = self._speech.table()
        # "fold": a long word is broken, not cut with a sign that not every console can show
        table.add_column(self._heading("exercise"), ratio=3, overflow="fold")
        table.add_column(self._heading("outcome"), no_wrap=True, overflow="fold")
        table.add_column(self._heading("result"), ratio=6, overflow="fold")
        table.add_column(self._heading("seconds"), justify="right", no_wrap=True, overflow="fold")
        for view in self._page.exercises:
            if view.status.outcome is None:
                continue
            told = [view.result] if view.result else view.obstacles
            table.add_row(
                self._speech.say(f"{view.id} {self._speech.choose(view.title)}"),
                self._outcome(view.status.outcome),
                self._speech.say("\n".join(self._speech.choose(text) for text in told)),
                self._speech.say(self._page.seconds(view.status.seconds)),
            )
        others = {view.scenario.id for view in self._page.others}
        for scenario in run.scenarios:
            if scenario.id in others:
                table.add_row(
                    self._speech.say(self._speech.choose(self._page.name(scenario))),
                    self._outcome(scenario.outcome),
                    self._speech.say(self._speech.choose(self._page.learnt(scenario))),
                    self._speech.say(self._page.seconds(scenario.seconds)),
                )
        return table

    def closing(self, run: RunResult) -> Iterator[Text]:
        decided = [
            f"{view.id} {self._interface('ruling_' + view.ruling.replace(' ', '_'))}"
            if view.ruling
            else f"{view.id} {self._interface('undecided')}"
            for view in self._page.claims
            if any(support.scenarios for support in view.supports)
        ]
        if decided:
            yield self._speech.say(f"{self._interface('claims')}: {', '.join(decided)}")
        for note in self._page.notes:
            yield self._speech.say(f"{self._interface('note')}: {self._speech.choose(note)}")
        yield self._speech.say(self._time(run))
        yield Text.assemble(
            self._outcome(run.outcome),
            self._speech.say(f"  {self._speech.choose(self._page.overall)}"),
        )

    def where(self, answers: Path) -> Text:
        return self._speech.say(f"{self._interface('run_answers')}: {answers}")

    def _time(self, run: RunResult) -> str:
        spent = {
            share: sum(scenario.seconds_by.get(share, 0.0) for scenario in run.scenarios)
            for share in SHARES
        }
        spent["broker"] += run.boot_seconds
        rest = run.seconds - sum(spent.values())
        shares = [*spent.items(), *([("rest", rest)] if rest >= 0.05 else [])]
        told = ", ".join(
            f"{self._interface('time_' + share)} {self._speech.choose(self._page.seconds(seconds))}"
            for share, seconds in shares
        )
        total = self._speech.choose(self._page.seconds(run.seconds))
        return f"{self._interface('time')} {total}: {told}"

    def _outcome(self, outcome: Outcome) -> Text:
        return self._speech.outcome(self._page.interface(f"outcome_{outcome.value}"), outcome)

    def _interface(self, key: str) -> str:
        return self._speech.choose(self._page.interface(key))

    def _heading(self, key: str) -> Text:
        return self._speech.say(self._page.interface(key))
