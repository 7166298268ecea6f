"""The end of a run in the terminal: what each exercise gave, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.both import Both
from harness.report.failure import in_a_line, name_of
from harness.report.lesson import Catalogue, Language, load_catalogue
from harness.report.page import Page
from harness.report.results import RunResult
from harness.report.visible import visible
from harness.verdict import Outcome

_STYLES = {Outcome.PASS: "green", Outcome.UNKNOWN: "yellow", Outcome.FAIL: "red"}
_TYPEWRITER = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "—": "-",
        "×": "x",
        "…": "...",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
        "⊆": "within",
        "·": "-",
        "“": '"',
        "”": '"',
        "’": "'",
        "\u00a0": " ",
    }
)
SHARES = ("broker", "work", "start", "harness")
"""Keys of ``ScenarioResult.seconds_by``, in the order in which they are told."""


def print_summary(
    console: Console,
    run: RunResult,
    *,
    language: Language = "en",
    catalogue: Catalogue | None = None,
) -> None:
    """Print one row for each exercise that was run, the claims, and where the time went.

    Several scenarios of one exercise make one row, with the worst outcome. Where the console is
    not a terminal, lines are drawn in ASCII.
    """
    page = Page(run, catalogue or load_catalogue())
    teller = _Teller(console, page, language)
    console.print(teller.table(run))
    for line in teller.closing(run):
        console.print(line, soft_wrap=True)


class _Teller:
    def __init__(self, console: Console, page: Page, language: Language) -> None:
        self._page = page
        self._language = language
        self._console = console

    def table(self, run: RunResult) -> Table:
        table = Table(
            box=box.SIMPLE_HEAD if self._console.is_terminal else box.ASCII, show_lines=False
        )
        # "fold": a long word is broken, not cut with a sign that not every console can show
        table.add_column(self._heading("exercise"), ratio=3, overflow="fold")
        table.add_column(self._heading("outcome"), no_wrap=True, overflow="fold")
        table.add_column(self._heading("result"), ratio=6, overflow="fold")
        table.add_column(self._heading("seconds"), justify="right", no_wrap=True, overflow="fold")
        for view in self._page.exercises:
            if view.standing.outcome is None:
                continue
            told = [view.result] if view.result else view.obstacles
            table.add_row(
                self._say(f"{view.id} {self._choose(view.title)}"),
                self._outcome(view.standing.outcome),
                self._say("\n".join(self._choose(text) for text in told)),
                self._say(self._choose(self._page.seconds(view.standing.seconds))),
            )
        others = {view.scenario.id for view in self._page.others}
        for scenario in run.scenarios:
            if scenario.id in others:
                table.add_row(
                    self._say(name_of(scenario)),
                    self._outcome(scenario.outcome),
                    self._say(in_a_line(scenario)),
                    self._say(self._choose(self._page.seconds(scenario.seconds))),
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
            yield self._say(f"{self._interface('claims')}: {', '.join(decided)}")
        for note in self._page.notes:
            yield self._say(f"{self._interface('note')}: {self._choose(note)}")
        yield self._say(self._time(run))
        yield Text.assemble(self._outcome(run.outcome), self._say(f"  {self._overall()}"))

    def _time(self, run: RunResult) -> str:
        spent = {
            share: sum(scenario.seconds_by.get(share, 0.0) for scenario in run.scenarios)
            for share in SHARES
        }
        spent["broker"] += run.boot_seconds
        rest = run.seconds - sum(spent.values())
        shares = [*spent.items(), *([("rest", rest)] if rest >= 0.05 else [])]
        told = ", ".join(
            f"{self._interface('time_' + share)} {self._choose(self._page.seconds(seconds))}"
            for share, seconds in shares
        )
        total = self._choose(self._page.seconds(run.seconds))
        return f"{self._interface('time')} {total}: {told}"

    def _overall(self) -> str:
        return self._choose(self._page.overall)

    def _outcome(self, outcome: Outcome) -> Text:
        word = self._interface(f"outcome_{outcome.value}")
        return Text(self._plain(word), style=_STYLES[outcome])

    def _interface(self, key: str) -> str:
        return self._choose(self._page.interface(key))

    def _heading(self, key: str) -> Text:
        return self._say(self._interface(key))

    def _choose(self, text: Both) -> str:
        return text.pt if self._language == "pt" else text.en

    def _say(self, text: str) -> Text:
        return Text(self._plain(text))

    def _plain(self, text: str) -> str:
        """Return text that this console can show and that cannot steer it."""
        shown = visible(text, keep="\n").replace("`", "")
        if not self._console.is_terminal or not self._console.encoding.startswith("utf"):
            shown = shown.translate(_TYPEWRITER)
        return shown.encode(self._console.encoding, "replace").decode(self._console.encoding)
