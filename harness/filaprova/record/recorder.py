"""Recorder: the one place where a running scenario's events arrive, in memory and on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec.structs import replace

from filaprova.errors import EnvironmentMissing
from filaprova.phrase import joined, say
from filaprova.record.event import Event
from filaprova.record.history import History
from filaprova.waiting import came_not, noted

FLUSH_EVERY_S = 0.05


class Recorder:
    """Append events to the history, in memory and on disk. Every method is thread-safe."""

    trouble: EnvironmentMissing | None = None
    """Why the end of what was recorded is not in the file; None: it is, or nobody has tried yet."""

    def __init__(self, path: Path, told: Callable[[Event], None] | None = None) -> None:
        """Open ``path`` for a new history; its clock starts now.

        ``told`` hears of each event before anybody else does; it must be quick.
        Raises ``EnvironmentMissing`` if the file cannot be made.
        """
        self._path = path
        self._listener = told
        try:
            # Without a buffer: what a failing write has taken, and what not, is then known.
            self._file: IO[bytes] = path.open("wb", buffering=0)
        except OSError as error:
            raise EnvironmentMissing(
                say(
                    "cannot write {}: {}. Make room or make it writable, then run again.",
                    str(path),
                    str(error.strerror),
                )
            ) from error
        self._encoder = msgspec.json.Encoder()
        self._start_ns = time.monotonic_ns()
        self._events: list[Event] = []
        self._latest_ns = 0
        self._encoded_count = 0
        self._unwritten = b""
        self._grown = threading.Condition()
        self._writing = threading.Lock()

    def now_ns(self) -> int:
        """Return nanoseconds since the history was opened."""
        return time.monotonic_ns() - self._start_ns

    def moment_ns(self, monotonic_ns: int) -> int:
        """Return the moment of the history at which ``time.monotonic_ns()`` gave this."""
        return monotonic_ns - self._start_ns

    def record(self, *events: Event) -> None:
        """Append events, in this order. After ``close`` they are ignored.

        Each gets a moment of its own: what is not later than the event before it gets the
        nanosecond after that, whether several were seen at once or a thread was held up between
        seeing and recording. So the order of two events is the same by their places and by their
        times, and no two have the same.
        """
        with self._grown:
            if self._file.closed:
                return
            for event in events:
                if self._listener is not None:
                    self._listener(event)
                if event.at_ns <= self._latest_ns and self._events:
                    self._latest_ns += 1
                    self._events.append(replace(event, at_ns=self._latest_ns))
                else:
                    self._latest_ns = event.at_ns
                    self._events.append(event)
            self._grown.notify_all()

    def __len__(self) -> int:
        return len(self._events)

    def since(self, index: int) -> list[Event]:
        """Return what has been recorded from that index on until now."""
        with self._grown:
            return self._events[index:]

    def history(self) -> History:
        """Return what has been recorded until now."""
        with self._grown:
            return History(self._events)

    def wait_for(
        self,
        satisfied: Callable[[Event], bool],
        *,
        what: str,
        timeout_s: float,
        since: int = 0,
        kind: str = "event",
    ) -> Event:
        """Show each event from index ``since`` on to ``satisfied``, once; return the first true.

        Waits for further events up to ``timeout_s`` seconds, then raises ``TimedOut``; ``what``
        completes "waited … s for …", ``kind`` names it among all waits. What is there at the limit
        is still looked at; what comes after it is not, or a flood of other events could hold the
        wait for ever.
        """
        with noted(kind, limit_s=timeout_s, what=what):
            return self._wait_for(satisfied, what=what, timeout_s=timeout_s, since=since)

    def _wait_for(
        self, satisfied: Callable[[Event], bool], *, what: str, timeout_s: float, since: int
    ) -> Event:
        deadline = time.monotonic() + timeout_s
        index = since
        while True:
            with self._grown:
                while index >= len(self._events):
                    remaining_s = deadline - time.monotonic()
                    if remaining_s <= 0 or self._file.closed:
                        raise came_not(what, timeout_s)
                    self._grown.wait(remaining_s)
                last_chance = time.monotonic() >= deadline
                fresh = self._events[index:]
            for event in fresh:
                if satisfied(event):
                    return event
            index += len(fresh)
            if last_chance:
                raise came_not(what, timeout_s)

    def flush(self) -> None:
        """Write to disk what has been recorded until now (the background loop calls this).

        What the disk does not take is kept for the next time; ``trouble`` then tells why.
        """
        with self._writing:
            with self._grown:
                if self._file.closed:
                    return
                fresh = self._events[self._encoded_count :]
                self._encoded_count = len(self._events)
            self._unwritten += self._encoded(fresh)
            try:
                while self._unwritten:
                    self._unwritten = self._unwritten[self._file.write(self._unwritten) :]
                self.trouble = None
            except OSError as error:
                self.trouble = self._told(error)

    def close(self) -> History:
        """Write everything, close the file and return the final history."""
        self.flush()
        with self._writing, self._grown:
            try:
                self._file.close()
            except OSError as error:  # some disks tell only now that they are full
                self.trouble = self.trouble or self._told(error)
            self._grown.notify_all()
            return History(self._events)

    def _encoded(self, events: Sequence[Event]) -> bytes:
        try:
            return self._encoder.encode_lines(events)
        except UnicodeEncodeError:
            return self._encoder.encode_lines(
                [encodable(msgspec.to_builtins(event)) for event in events]
            )

    def _told(self, error: OSError) -> EnvironmentMissing:
        missing_count = self._unwritten.count(b"\n")
        lines = [say("cannot write {}: {}.", str(self._path), str(error.strerror))]
        if missing_count:
            since_s = self._events[self._encoded_count - missing_count].at_ns / 1e9
            lines.append(
                say(
                    "It ends at {:+.3f} s: the last {} of {} events are not in it.",
                    since_s,
                    missing_count,
                    self._encoded_count,
                )
            )
        lines.append(say("Make room or make it writable, then run again."))
        return EnvironmentMissing(joined(" ", lines))


def encodable(value: Any) -> Any:
    """Escape lone surrogates: paths and command lines may hold bytes that are not UTF-8."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {encodable(key): encodable(item) for key, item in value.items()}
        case list() | tuple():
            return [encodable(item) for item in value]
    return value
