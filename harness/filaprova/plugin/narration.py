"""Tell a person what is going on while scenarios run, and Allure which steps there were."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import allure
import pytest

from filaprova.phrase import Phrase, worded
from filaprova.plugin.labels import Labels, subject_of
from filaprova.plugin.options import language_of
from filaprova.plugin.progress import LiveLine, wants_live_line
from filaprova.report.text.catalogue import load_catalogue
from filaprova.report.text.learnt import over
from filaprova.runs.escape_controls import escape_controls
from filaprova.runs.results import ScenarioResult
from filaprova.scenario.stage import Role

LINE_LENGTH = 600
"""Longer lines, such as one that quotes a long task, are cut; the record has them whole."""


class TerminalNarrator:
    """One line per step and act, with the time since the scenario's start and the role.

    Coloured in a terminal, with a live line below; plain elsewhere, nothing under ``-q``. pytest's
    own output is respected: lines start on a line of their own.
    """

    def __init__(
        self, config: pytest.Config, items: Sequence[pytest.Item], *, only_scenarios: bool
    ) -> None:
        """Begin with the scenarios of a run; ``only_scenarios``: it has nothing but these."""
        self._config = config
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        quiet = reporter is None or config.get_verbosity() < 0
        self._reporter: pytest.TerminalReporter | None = None if quiet else reporter
        if reporter is not None and only_scenarios and config.get_verbosity() == 0:
            reporter.showfspath = False  # its file before each scenario would say nothing new
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._scenario_count = len(items)
        self._begun_count = 0
        catalogue = load_catalogue(subject_of(items))
        self._live = LiveLine(config, len(items), catalogue) if wants_live_line(config) else None
        self.texts = catalogue.texts[language_of(config)]
        """All that is said, in the language in which it is said here."""

    def under_way(self, results: Sequence[ScenarioResult]) -> AbstractContextManager[None]:
        """Show, during the body, that the scenario begun last is under way after these results."""
        return self._live.shown(self._begun_count, results) if self._live else nullcontext()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Enter a step (an Allure step of the same title)."""
        shown = escape_controls(self.texts.say(title))
        with allure.step(shown), self._live.within(shown) if self._live else nullcontext():
            yield

    def words(self, phrase: Phrase) -> str:
        """Return a phrase in the language in which all is said here."""
        return self.texts.tell(phrase, phrase.worded())

    def tell(self, seconds: float, role: Role, text: str) -> None:
        """Print one line: a step's title, or what has just happened."""
        at = f"{seconds:+8.3f} s".replace(".", self.texts.words.decimal)
        if role == "step":
            self._line(f"  {at}  {self.texts.say(text)}", bold=True)
        else:
            told = self.texts.tell(text, worded(text)).partition("\n")[0]
            self._line(f"  {at}    {self.texts.interface[f'role_{role}']}: {told}")

    def about_the_run(self, phrase: Phrase) -> None:
        """Print what holds for all scenarios."""
        self._line(self.words(phrase), cyan=True)

    def begin(self, labels: Labels) -> None:
        """Print the first line of a scenario, with how many of all there have been."""
        self._begun_count += 1
        width = len(str(self._scenario_count))
        self._line("")
        self._line(
            f"[{self._begun_count:{width}}/{self._scenario_count}] "
            f"{labels.headline(self.texts.say(labels.title))}",
            cyan=True,
            bold=True,
        )

    def end(self, result: ScenarioResult) -> None:
        """Print the last line of a scenario, with what is most to be learnt from it."""
        outcome = "skipped" if result.skipped else result.outcome.value
        colour = {"pass": "green", "unknown": "yellow"}.get(outcome, "red")
        self._line(f"  {over(result, self.texts)}", **{colour: True})

    def _line(self, text: str, **markup: bool) -> None:
        if self._reporter is None:
            return
        suspended = (
            self._capture.global_and_fixture_disabled()
            if self._capture is not None
            else nullcontext()
        )
        with suspended:
            self._reporter.ensure_newline()
            for line in self._fitted(text):
                self._reporter.write_line(line, **markup)
            self._reporter.flush()

    def _fitted(self, text: str) -> list[str]:
        """Return a line as a terminal shows it well: cut if very long, broken between words.

        Elsewhere it stays one line, so that it can be searched for.
        """
        cut = f"{text[:LINE_LENGTH]} …" if len(text) > LINE_LENGTH else text
        text = escape_controls(cut)  # only now, or an escape would be cut in two
        if self._reporter is None or not self._reporter.isatty:
            return [text]
        indent = " " * (len(text) - len(text.lstrip()) + 4)
        columns = self._config.get_terminal_writer().fullwidth
        return textwrap.wrap(
            text,
            columns - 1,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
