"""What pytest's own reports, and those made from them, such as JUnit's, tell of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from filaprova.report.text.failure import worst_of
from filaprova.runs.results import ScenarioResult

FIGURE_LENGTH = 200
"""Longer figures are left to results.json."""


class Terminal(Protocol):
    """What pytest writes to."""

    def line(self, text: str = "", **markup: bool) -> None:
        """Write one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The part of a failure that JUnit gives as its message, and pytest's short summary."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Why a scenario is not green, in the form in which pytest keeps it in a report."""

    line: str
    text: str

    @property
    def reprcrash(self) -> Crash:
        """Return its first line, under the name by which pytest and JUnit ask for it."""
        return Crash(message=self.line)

    def toterminal(self, terminal: Terminal) -> None:
        """Write the whole of it."""
        for line in self.text.splitlines():
            terminal.line(line)

    def __str__(self) -> str:
        return self.text


def properties_of(result: ScenarioResult) -> Iterator[tuple[str, str]]:
    """Yield name and value of what a scenario gave: verdict, evidence, blame and all figures.

    A figure is named by checkpoint and check: ``L05 #1 drained.left``. Lists and tables are JSON.
    """
    yield "verdict", str(result.outcome)
    yield "evidence", result.folder
    worst = worst_of(result)
    if worst is not None and worst.blame:
        yield "blame", worst.blame
    for item in result.checks:
        for name, figure in item.verdict.figures.items():
            try:
                text = figure if isinstance(figure, str) else msgspec.json.encode(figure).decode()
            except UnicodeEncodeError:  # a lone surrogate, which no XML can hold either
                continue
            if len(text) <= FIGURE_LENGTH:
                yield f"{item.checkpoint} {item.verdict.check}.{name}", text
