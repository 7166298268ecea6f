"""Say texts on a console: in one language, in signs that it can show, and without steering it."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from filaprova.judge.verdict import Outcome
from filaprova.report.text.bilingual import Bilingual
from filaprova.report.text.catalogue import Language
from filaprova.runs.escape_controls import escape_controls

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


class ConsoleText:
    """Speaks one language to one console."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language

    def choose(self, text: Bilingual) -> str:
        """Return the text in the chosen language."""
        return text.pt if self._language == "pt" else text.en

    def say(self, text: Bilingual | str, style: str = "") -> Text:
        """Return text that this console can show and that cannot steer it."""
        chosen = text if isinstance(text, str) else self.choose(text)
        shown = escape_controls(chosen, keep="\n").replace("`", "")
        if not self._console.is_terminal or not self._console.encoding.startswith("utf"):
            shown = shown.translate(_TYPEWRITER)
        encoding = self._console.encoding
        return Text(shown.encode(encoding, "replace").decode(encoding), style=style)

    def outcome(self, word: Bilingual, outcome: Outcome) -> Text:
        """Return the word for an outcome in its colour."""
        return self.say(word, _STYLES[outcome])

    def table(self) -> Table:
        """Return a table without rows; in ASCII where the console is not a terminal."""
        return Table(
            box=box.SIMPLE_HEAD if self._console.is_terminal else box.ASCII, show_lines=False
        )
