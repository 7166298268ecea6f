"""Works: what a program's launcher tells of its sleeps, on the record and within bounds."""

from __future__ import annotations

import re

from filaprova.programs.lines import LineCutter
from filaprova.record.event import Event
from filaprova.record.program import WorkBegan, WorkEnded
from filaprova.record.recorder import Recorder

WORKS_LIMIT = 20_000
"""So many works of one program and all its children are recorded; the rest is passed over."""

_TOLD = re.compile(
    r"(?P<what>began|ended) (?P<name>\d+ (?P<who>\S+)) (?P<s>\d[\d.e+-]*)"
    r"(?: (?P<how>whole|broken)(?: (?P<ns>\d{1,18}))?)?"
)


class Works:
    """Turns what launchers tell into events; touches no pipe. Used by one thread.

    What is not understood is passed over: the script might have written it. So is the end of a work
    of which nobody heard that it began: a signal was quicker.
    """

    def __init__(self, client: str, recorder: Recorder) -> None:
        self._client = client
        self._recorder = recorder
        self._cutter = LineCutter()
        self._begun_count = 0
        self._open: dict[str, float] = {}

    def take(self, chunk: bytes) -> bool:
        """Record what was read from the pipe; tell whether the program is stopping itself."""
        lines = self._cutter.feed(chunk)
        at_ns = self._recorder.now_ns()
        events = [event for line in lines if (event := self._event(at_ns, line)) is not None]
        self._recorder.record(*events)
        return "stopped" in lines

    def _event(self, at_ns: int, line: str) -> Event | None:
        told = _TOLD.fullmatch(line)
        if told is None:
            return None
        if told["what"] == "ended":
            seconds = self._open.pop(told["name"], None)
            if seconds is None:
                return None
            return WorkEnded(
                at_ns=at_ns,
                client=self._client,
                seconds=seconds,
                complete=told["how"] == "whole",
                thread=told["who"],
                ended_ns=self._recorder.moment_ns(int(told["ns"])) if told["ns"] else None,
            )
        try:
            seconds = float(told["s"])
        except ValueError:
            return None
        self._begun_count += 1
        if self._begun_count > WORKS_LIMIT:
            return None
        self._open[told["name"]] = seconds
        return WorkBegan(at_ns=at_ns, client=self._client, seconds=seconds, thread=told["who"])
