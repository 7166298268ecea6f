"""The record of one scenario: written by the Recorder, read as an immutable History.

On disk a history is a file of JSON lines, one event a line, in the order of recording; its first
line is ``HistoryOpened`` with the schema's version. The file is written while the scenario runs:
what a killed run loses is at most the last ``FLUSH_EVERY_S``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from filaprova.errors import BadInput
from filaprova.record.act import Checkpoint, HistoryOpened
from filaprova.record.event import SCHEMA, Event
from filaprova.record.events import AnyEvent

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class History:
    """An immutable sequence of events, in the order in which they were recorded."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = tuple(events)
        self._by_type: dict[type[Event], list[Event]] | None = None
        self._parts: dict[str, History] = {}
        self._derived: dict[Hashable, Any] = {}

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def of(self, kind: type[E]) -> list[E]:
        """Return all events of exactly this kind, in order (found once, then remembered)."""
        if self._by_type is None:
            by_type: dict[type[Event], list[Event]] = {}
            for event in self._events:
                by_type.setdefault(type(event), []).append(event)
            self._by_type = by_type
        return list(self._by_type.get(kind, ()))  # type: ignore[arg-type]

    def until(self, checkpoint: str) -> History:
        """Return the part before the checkpoint of that name (found once, then remembered).

        All checks of one checkpoint get the same object and so share what is derived from it.
        Raises ``KeyError`` if there is no such checkpoint.
        """
        if checkpoint not in self._parts:
            for index, event in enumerate(self._events):
                if isinstance(event, Checkpoint) and event.name == checkpoint:
                    self._parts[checkpoint] = History(self._events[:index])
                    break
            else:
                raise KeyError(f"the history has no checkpoint {checkpoint!r}")
        return self._parts[checkpoint]

    def derived(self, key: Hashable, build: Callable[[History], T]) -> T:
        """Return ``build`` of this history, built once for each ``key``, then remembered.

        For views that several checks need, such as an index of all deliveries. The caller must not
        change what it gets, and must use one key for one ``build`` only. What ``build`` raises is
        not remembered.
        """
        if key not in self._derived:
            self._derived[key] = build(self)
        value: T = self._derived[key]
        return value

    @classmethod
    def load(cls, path: Path) -> History:
        """Read a history file.

        A last line that a killed run left incomplete is passed over. Raises ``BadInput`` for a
        file that is missing, of another schema, or broken elsewhere.
        """
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise BadInput(f"cannot read the history {path}: {error.strerror}") from error
        complete, remainder = lines[:-1], lines[-1]
        decoder = msgspec.json.Decoder(AnyEvent)
        events: list[Event] = []
        for number, line in enumerate(complete, start=1):
            try:
                events.append(decoder.decode(line))
            except (msgspec.DecodeError, ValueError, RecursionError) as error:
                raise BadInput(
                    f"{path}, line {number}: not an event of this version of Filaprova ({error})"
                ) from error
        del remainder
        opened = events[0] if events else None
        if not isinstance(opened, HistoryOpened):
            raise BadInput(f"{path}: the first line is not HistoryOpened; not a history")
        if opened.schema != SCHEMA:
            raise BadInput(f"{path}: schema {opened.schema}, but this version reads {SCHEMA}")
        return cls(events)
