"""Transcript: what one program has printed, on the record and within bounds."""

from __future__ import annotations

from collections import deque
from typing import Literal, TypeAlias
from urllib.parse import quote

from filaprova.programs.hand import Hand
from filaprova.programs.lesson.printed import Reader
from filaprova.programs.lines import LineCutter
from filaprova.record.event import Event
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    TaskDone,
    TaskReceived,
    TaskSent,
)
from filaprova.record.recorder import Recorder

Stream: TypeAlias = Literal["stdout", "stderr"]

TEXT_LIMIT = 4096
"""Characters that are recorded of one line."""
LINES_LIMIT = 50_000
CHARACTERS_LIMIT = 8 << 20
"""What is recorded of one program; from there on its lines are only counted."""
SHORTEST_SECRET = 5
"""Characters. A shorter one may stand in any text by chance, and tasks are told by their text."""
TAIL_LINES = 32
TAIL_BYTES = 32 << 10


class Transcript:
    """Turns what a program prints into events; touches no pipe. Used by one thread."""

    def __init__(
        self, client: str, recorder: Recorder, *, secret: str, reader: Reader | None = None
    ) -> None:
        """``secret`` is blotted out wherever it is printed, as it is or as in a URL.

        It opens nothing but the program's own connection. One under ``SHORTEST_SECRET`` is left.
        ``reader`` knows what lines mean; None: one without patterns of the user's own.
        """
        self.received_count = 0
        self.done_count = 0
        self._hand = Hand()
        self._reader = reader or Reader()
        self._client = client
        self._recorder = recorder
        long_enough = len(secret) >= SHORTEST_SECRET
        self._secrets = [secret, quote(secret, safe="")] if long_enough else []
        self._cutters: dict[Stream, LineCutter] = {"stdout": LineCutter(), "stderr": LineCutter()}
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._line_count = 0
        self._character_count = 0
        self._flooded = False
        self._flood_tail = b""
        self._dropped_count = 0
        self._unfinished: set[Stream] = set()
        """The pipes whose last line has no line end yet."""

    @property
    def in_hand(self) -> str | None:
        """Return the task received and not done, by the program's own output, if it is one."""
        return self._hand.only

    def take(self, stream: Stream, chunk: bytes) -> None:
        """Record what was read from one of the program's pipes."""
        if chunk.endswith(b"\n"):
            self._unfinished.discard(stream)
        elif chunk:
            self._unfinished.add(stream)
        if self._flooded:
            self._dropped_count += chunk.count(b"\n")
            self._flood_tail = (self._flood_tail + chunk)[-TAIL_BYTES:]
        else:
            self._record(stream, self._cutters[stream].feed(chunk))

    def finish(self) -> None:
        """Record last lines without a line end, and how much a flood made us drop."""
        if self._flooded:
            self._dropped_count += len(self._unfinished)
        else:
            for stream, cutter in self._cutters.items():
                self._record(stream, cutter.finish())
        self._record_dropped()

    def tail(self, count: int) -> list[str]:
        """Return the last lines of both streams (at most ``TAIL_LINES``), in order of reading."""
        flood = self._flood_tail.decode("utf-8", "backslashreplace").splitlines()
        lines = [*self._tail, *(self._presentable(line) for line in flood)]
        return lines[-min(count, TAIL_LINES) :]

    def _record(self, stream: Stream, lines: list[str]) -> None:
        at_ns = self._recorder.now_ns()
        events: list[Event] = []
        for index, line in enumerate(lines):
            if self._line_count >= LINES_LIMIT or self._character_count >= CHARACTERS_LIMIT:
                self._flooded = True
                self._dropped_count = len(lines) - index
                self._tail.extend(self._presentable(line) for line in lines[index:][-TAIL_LINES:])
                break
            text = self._presentable(line)
            self._line_count += 1
            self._character_count += len(text)
            self._tail.append(text)
            events.append(OutputLine(at_ns=at_ns, client=self._client, stream=stream, text=text))
            events += self._tasks_in(line, at_ns)
        self._recorder.record(*events)
        if self._flooded:
            self._record_dropped()

    def _tasks_in(self, line: str, at_ns: int) -> list[Event]:
        events: list[Event] = []
        for said in self._reader.read(line):
            if said.kind == "received" and said.task is not None and self._hand.takes(said):
                self.received_count += 1
                events.append(TaskReceived(at_ns=at_ns, client=self._client, task=said.task))
            elif said.kind == "sent" and said.task is not None:
                events.append(TaskSent(at_ns=at_ns, client=self._client, task=said.task))
            elif said.kind == "done" and (done := self._hand.finishes(said)) is not None:
                self.done_count += 1
                events.append(
                    TaskDone(at_ns=at_ns, client=self._client, task=done.task, named=done.named)
                )
        return events

    def _record_dropped(self) -> None:
        if self._dropped_count:
            self._recorder.record(
                OutputDropped(
                    at_ns=self._recorder.now_ns(),
                    client=self._client,
                    line_count=self._dropped_count,
                )
            )
            self._dropped_count = 0

    def _presentable(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, "…")
        return line[:TEXT_LIMIT]
