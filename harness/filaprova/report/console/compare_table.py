"""A comparison in the terminal: exercise by run, claim by run, then what differs in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from filaprova.report.comparison.comparison import Comparison
from filaprova.report.comparison.row_diff import Cell, Kind, Row
from filaprova.report.console.console_text import ConsoleText
from filaprova.report.text.bilingual import Bilingual, same
from filaprova.report.text.catalogue import Language

NAME_LIMIT = 12
"""A longer name is told once, with a number that stands for it in the tables."""
TITLES_LIMIT = 4
"""With more runs there is no room for more than an exercise's id."""
_STYLES: dict[Kind, str] = {"figures": "yellow", "partly": "yellow", "outcome": "red"}


def print_comparison(
    console: Console, comparison: Comparison, *, language: Language = "en"
) -> None:
    """Print a table of exercises, one of claims, and each difference in words with figures.

    Where the console is not a terminal, lines are drawn in ASCII.
    """
    teller = _Teller(console, comparison, language)
    rows = [
        (key, rows)
        for key, rows in (
            ("exercise", comparison.exercises),
            ("claims", comparison.claims),
            ("other_scenarios", comparison.others),
        )
        if rows
    ]
    for line in teller.runs():
        console.print(line, soft_wrap=True)
    for key, some in rows:
        console.print(teller.table(key, some))
    for _, some in rows:
        for difference in teller.differences(some):
            console.print(difference)
    for note in comparison.notes:
        console.print(teller.note(note), soft_wrap=True)
    console.print(teller.counts(), soft_wrap=True)


class _Teller:
    def __init__(self, console: Console, comparison: Comparison, language: Language) -> None:
        self._comparison = comparison
        self._speech = ConsoleText(console, language)

    def table(self, key: str, rows: Sequence[Row]) -> Table:
        table = self._speech.table()
        table.add_column(self._interface(key), ratio=1, overflow="fold")
        for number, run in enumerate(self._comparison.runs, start=1):
            heading = run.name if len(run.name) <= NAME_LIMIT else f"[{number}]"
            table.add_column(self._speech.say(heading), no_wrap=True, overflow="fold")
        table.add_column(self._interface("compare_heading"), no_wrap=True, overflow="fold")
        crowded = len(self._comparison.runs) > TITLES_LIMIT
        for row in rows:
            name = self._speech.say(row.id) if crowded and row.id else self._name(row)
            table.add_row(name, *map(self._cell, row.cells), self._kind(row))
        return table

    def runs(self) -> Iterator[Text]:
        """Yield what was run, a line for each."""
        for number, run in enumerate(self._comparison.runs, start=1):
            yield Text.assemble(
                self._speech.say(f"[{number}] {run.name}", "bold"),
                "  ",
                self._speech.say(run.page.brief),
            )

    def differences(self, rows: Sequence[Row]) -> Iterator[Text | Padding]:
        """Yield what runs say where they do not say the same; times are in the page."""
        for row in rows:
            if row.kind not in ("figures", "outcome"):
                continue
            yield Text.assemble(self._name(row), ": ", self._kind(row))
            for group in row.groups:
                names = ", ".join(group.runs)
                told = same(f"{names}: " if names else "")
                for number, item in enumerate(group.told):
                    told = same("{} {}" if number else "{}{}").filled(told, item.plain)
                yield Padding(self._speech.say(told), (0, 0, 0, 4))
            if row.varies:
                yield Padding(self._interface("compare_varies"), (0, 0, 0, 4))

    def note(self, note: Bilingual) -> Text:
        return Text.assemble(self._interface("note"), ": ", self._speech.say(note))

    def counts(self) -> Text:
        return self._speech.say(self._comparison.counts)

    def _name(self, row: Row) -> Text:
        title = f"{row.id} {self._speech.choose(row.title)}".lstrip()
        return self._speech.say(f"{title} [{row.variant}]" if row.variant else title)

    def _kind(self, row: Row) -> Text:
        text = self._interface(f"compare_{row.kind}")
        text.stylize(_STYLES.get(row.kind, ""))
        return text

    def _cell(self, cell: Cell) -> Text:
        if cell.ruling == "undecided":
            return self._interface("undecided")
        if cell.ruling is not None:
            return self._interface(f"ruling_{cell.ruling}")
        if cell.outcome is None:
            return self._interface("outcome_none")
        word = self._comparison.interface(f"outcome_{cell.outcome.value}")
        seconds = self._speech.say(self._comparison.seconds(cell.seconds or 0.0))
        return Text.assemble(self._speech.outcome(word, cell.outcome), "\n", seconds)

    def _interface(self, key: str) -> Text:
        return self._speech.say(self._comparison.interface(key))
