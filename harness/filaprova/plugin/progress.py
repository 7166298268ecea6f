"""The live line at the foot of a terminal: how far the run is, and what it is doing."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.text import Text

from filaprova.judge.verdict import Outcome
from filaprova.plugin.options import in_ci, language_of
from filaprova.report.console.console_text import ConsoleText
from filaprova.report.pictures.picture_words import CatalogueSpeaker
from filaprova.report.text.catalogue import Catalogue
from filaprova.runs.results import ScenarioResult

REFRESHES_PER_S = 4
BAR_COLUMNS = 20
USUAL_COLUMNS = 80
"""How wide a terminal is taken to be that does not say so."""
TAKE_AWAY = "\r\x1b[2K"
ERASE_THE_REST = "\x1b[K"


class LiveLine:
    """One line below all that is told, there as long as pytest captures and a scenario runs.

    Whoever else writes to the terminal (narration, live logs, debugger, a dump of stacks) has the
    capture suspended first. That takes the line away, and resuming puts it back.

    rich lays the line out. It is not shown by ``rich.live``, which hides the cursor and needs
    several steps to stop: a run can be interrupted between any two, or killed. Here the cursor is
    never hidden, and each change is one write.
    """

    def __init__(self, config: pytest.Config, scenario_count: int, catalogue: Catalogue) -> None:
        """Begin to draw, where ``wants_live_line`` says so; all ends with the configuration."""
        self._scenario_count = scenario_count
        capture: Any = config.pluginmanager.get_plugin("capturemanager")
        assert capture is not None, "wants_live_line"
        self._capture = capture
        writer = config.get_terminal_writer()
        self._console = Console(
            file=writer._file,
            color_system="auto" if writer.hasmarkup else None,
            force_terminal=True,
        )
        self._speech = ConsoleText(self._console, language_of(config))
        speaker = CatalogueSpeaker(catalogue)
        self._words = {
            outcome: speaker.interface(f"outcome_{outcome.value}")
            for outcome in (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)
        }
        self._step = ""
        """Title of the innermost step that is under way; empty: none is."""
        self._number = 0
        self._results: Sequence[ScenarioResult] = ()
        self._begun = time.monotonic()
        self._under_way = False
        self._is_there = False
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._keep_up_to_date, name="filaprova-progress", daemon=True
        )
        with capture.global_and_fixture_disabled():
            self._terminal = os.dup(writer._file.fileno())  # stays when the capture takes its place
        self._thread.start()
        self._follow_the_capture()
        config.add_cleanup(self._close)

    @contextlib.contextmanager
    def shown(self, number: int, results: Sequence[ScenarioResult]) -> Iterator[None]:
        """Show the line during the body: the scenario of this number, after these results."""
        self._number, self._results = number, results
        try:
            self._under_way = True
            if self._capture.is_globally_capturing():
                self._put_back()
            yield
        finally:
            self._under_way = False
            self._take_away()

    @contextlib.contextmanager
    def within(self, step: str) -> Iterator[None]:
        """Show the title of a step, which must be one line, during the body."""
        outer, self._step = self._step, step
        try:
            yield
        finally:
            self._step = outer

    def _follow_the_capture(self) -> None:
        suspend = self._capture.suspend_global_capture
        resume = self._capture.resume_global_capture

        def suspend_without_line(in_: bool = False) -> None:
            self._take_away()
            suspend(in_)

        def resume_with_line() -> None:
            resume()
            self._put_back()

        self._capture.suspend_global_capture = suspend_without_line
        self._capture.resume_global_capture = resume_with_line

    def _put_back(self) -> None:
        with self._lock:
            if self._under_way:
                self._is_there = True
                self._draw()

    def _take_away(self) -> None:
        with self._lock:
            if self._is_there:
                self._write(TAKE_AWAY)
                self._is_there = False

    def _keep_up_to_date(self) -> None:
        while not self._over.wait(1 / REFRESHES_PER_S):
            with self._lock:
                if self._is_there:
                    self._draw()

    def _draw(self) -> None:
        self._write(f"\r{self._laid_out()}{ERASE_THE_REST}")

    def _laid_out(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        width = len(str(self._scenario_count))
        line = Text(" ").join(
            [
                Text(f"[{self._number:{width}}/{self._scenario_count}]"),
                self._bar(),
                Text(f"{minutes}:{seconds:02}"),
                *self._counts(),
                self._speech.say(self._step),
            ]
        )
        # One column less: what fills the last one makes some terminals begin a new line.
        line.truncate(self._columns() - 1, overflow="ellipsis")
        with self._console.capture() as laid_out:
            self._console.print(line, end="", no_wrap=True, overflow="ignore", crop=False)
        return laid_out.get()

    def _bar(self) -> Text:
        bar = ProgressBar(
            total=self._scenario_count, completed=len(self._results), width=BAR_COLUMNS
        )
        pieces = self._console.render(bar)
        text = Text.assemble(*((piece.text, piece.style or "") for piece in pieces))
        text.align("left", BAR_COLUMNS)  # without colours, what is to come is not drawn
        return text

    def _counts(self) -> Iterator[Text]:
        counts = Counter(result.outcome for result in self._results if not result.skipped)
        for outcome, word in self._words.items():
            count = counts[outcome]
            told = self._speech.outcome(word, outcome) if count else self._speech.say(word)
            yield Text.assemble(told, f": {count} ")

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._terminal).columns or USUAL_COLUMNS
        except OSError:  # it is closed
            return USUAL_COLUMNS

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal was closed: nobody watches any more
            os.write(self._terminal, text.encode(self._console.encoding, "replace"))

    def _close(self) -> None:
        self._take_away()
        self._over.set()
        self._thread.join()
        os.close(self._terminal)
        del self._capture.suspend_global_capture, self._capture.resume_global_capture


def wants_live_line(config: pytest.Config) -> bool:
    """Tell whether somebody watches on a terminal that can show a line and take it away.

    Nobody does with ``CI=true``, and nobody wants to under ``-q``. Unless pytest captures all that
    is written (``--capture=fd``, the default), others would write into the line.
    """
    if not config.pluginmanager.has_plugin("terminalreporter") or config.get_verbosity() < 0:
        return False
    terminal = config.get_terminal_writer()._file
    return (
        config.getoption("capture", "no") == "fd"
        and terminal.isatty()
        and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
        and not in_ci()
    )
