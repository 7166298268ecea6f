"""A real pseudo-terminal with a run of pytest in it, and what a person sees on its screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.harness.plugin.runs import ROOT
from tests.patience import PATIENCE_S

COLUMNS, LINES = 120, 24
LIVE = re.compile(r"\[\s*\d+/\d+\] .* \d+:\d\d ")
"""The live line, which has the time in minutes and seconds."""


class Terminal:
    """A terminal of 120 x 24 with one run in it."""

    def __init__(
        self, reports: Path, *arguments: str | Path, measured: bool = True, **environment: str
    ) -> None:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name
            not in ("CI", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS", "PYTEST_ADDOPTS")
            and (measured or "COVERAGE" not in name)
        }
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.modes_before = termios.tcgetattr(theirs)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
                *("-p", "no:hypothesispytest"),  # which takes half a second to import
                *("-p", "filaprova.plugin.short"),
                *("--seed", "1", "--broker", "local", "--reports", str(reports)),
                *(str(argument) for argument in arguments),
            ],
            cwd=ROOT,
            env={**inherited, "TERM": "xterm-256color", **environment},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        self._theirs = theirs
        self.written = b""
        """All that was written to it, with whatever steers it."""
        self.screen = pyte.HistoryScreen(COLUMNS, LINES, history=10_000, ratio=0.5)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return self.written.decode()

    @property
    def lines(self) -> list[str]:
        """What a person sees, and what has scrolled away above."""
        above = [
            "".join(row[column].data for column in range(COLUMNS))
            for row in self.screen.history.top
        ]
        return [line.rstrip() for line in [*above, *self.screen.display]]

    @property
    def live_lines(self) -> list[str]:
        """The live lines on the screen or above it: one at the most, if all is well."""
        return [line for line in self.lines if LIVE.match(line)]

    @property
    def bottom(self) -> str:
        """The line in which the cursor is."""
        return self.screen.display[self.screen.cursor.y].rstrip()

    def shows_step(self, title: str) -> bool:
        """Tell whether the live line is there, with this step."""
        return bool(LIVE.match(self.bottom)) and self.bottom.endswith(title)

    @property
    def cursor_is_hidden(self) -> bool:
        return bool(self.screen.cursor.hidden)

    def modes(self) -> list[object]:
        return termios.tcgetattr(self._theirs)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def read_until(self, seen: Callable[[], object], what: str) -> None:
        """Read on until something is seen on the screen."""
        end = time.monotonic() + PATIENCE_S
        while not seen():
            if time.monotonic() > end or not self._read_a_part():
                pytest.fail(f"never seen: {what}\n" + "\n".join(self.lines))

    def read_to_the_end(self) -> int:
        """Read until the run is over; return its exit status."""
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < end, "\n".join(self.lines)
            self._read_a_part(0.1)
        while self._read_a_part(0):
            pass
        return self.process.returncode

    def _read_a_part(self, limit_s: float = PATIENCE_S) -> bool:
        ready, _, _ = select.select([self._ours], [], [], limit_s)
        if ready:
            part = os.read(self._ours, 65536)
            self.written += part
            self._stream.feed(part)
        return bool(ready)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self._theirs)
        os.close(self._ours)


@contextlib.contextmanager
def terminal_with(
    reports: Path, *arguments: str | Path, measured: bool = True, **environment: str
) -> Iterator[Terminal]:
    """Begin a run in a terminal of its own, measured or not, and end both after the body."""
    terminal = Terminal(reports, *arguments, measured=measured, **environment)
    try:
        yield terminal
    finally:
        terminal.close()
