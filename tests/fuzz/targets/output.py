"""The reader of workers' output: any bytes from two pipes, whole and in pieces, within bounds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import msgspec

from filaprova.programs import lines, transcript
from filaprova.programs.lesson.printed import Reader
from filaprova.programs.transcript import Stream, Transcript
from filaprova.record.event import Event, body_text
from filaprova.record.events import AnyEvent
from filaprova.record.program import OutputDropped, OutputLine, TaskReceived
from tests.fuzz.memory import held_bytes
from tests.fuzz.script import cut

SWITCH = b"\x00\x01"
"""Between what is read from one pipe and what is read from the other."""
SECRET = "pa55word"

LINE_LIMIT_BYTES = 300
LINES_LIMIT = 12
CHARACTERS_LIMIT = 1_000
TAIL_BYTES = 200
HELD_LIMIT_BYTES = 40_000
"""With limits as small as these ones, however much is read."""


@contextmanager
def examiner() -> Iterator[Callable[[bytes], None]]:
    """Make all limits so small that they are met."""
    with (
        patch.object(lines, "LINE_LIMIT_BYTES", LINE_LIMIT_BYTES),
        patch.multiple(
            transcript,
            LINES_LIMIT=LINES_LIMIT,
            CHARACTERS_LIMIT=CHARACTERS_LIMIT,
            TAIL_BYTES=TAIL_BYTES,
        ),
    ):
        yield examine


class Kept:
    """Stands in for the recorder: its clock stands still."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def now_ns(self) -> int:
        return 0

    def record(self, *events: Event) -> None:
        self.events += events


def examine(data: bytes) -> None:
    seed, written = data[:1], data[1:]
    reads = list(chunks(written))
    whole = transcribe(reads)
    sizes = random.Random(seed)
    pieces = [(stream, piece) for stream, chunk in reads for piece in cut(chunk, sizes)]
    in_pieces = transcribe(pieces)
    assert counted(in_pieces) == line_count(reads), "lines are not accounted for"
    assert counted(whole) == line_count(reads), "lines are not accounted for"
    assert kept(in_pieces) == kept(whole), "in other pieces the same output says something else"
    check_bodies(written)


def chunks(written: bytes) -> Iterator[tuple[Stream, bytes]]:
    for index, chunk in enumerate(written.split(SWITCH)):
        yield "stderr" if index % 2 else "stdout", chunk


def transcribe(reads: Iterable[tuple[Stream, bytes]]) -> list[Event]:
    """Return the events of some reads."""
    recorder = Kept()
    read = Transcript("C1", recorder, secret=SECRET)  # type: ignore[arg-type]
    for stream, chunk in reads:
        read.take(stream, chunk)
    told_bytes = held_bytes(recorder)
    assert held_bytes(read) - told_bytes <= HELD_LIMIT_BYTES, "it keeps too much"
    assert len(read.tail(100)) <= transcript.TAIL_LINES
    read.finish()
    for event in recorder.events:
        assert msgspec.json.decode(msgspec.json.encode(event), type=AnyEvent) == event
        if isinstance(event, OutputLine):
            assert len(event.text) <= transcript.TEXT_LIMIT
            assert SECRET not in event.text
    assert len(kept(recorder.events)) <= LINES_LIMIT
    assert read.received_count == sum(isinstance(e, TaskReceived) for e in recorder.events)
    return recorder.events


def kept(events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, OutputLine)]


def counted(events: list[Event]) -> int:
    """Return how many lines the record tells of, kept or dropped."""
    dropped = sum(event.line_count for event in events if isinstance(event, OutputDropped))
    return len(kept(events)) + dropped


def line_count(reads: Iterable[tuple[Stream, bytes]]) -> int:
    """Return how many lines two pipes have given, the last of each perhaps without its end."""
    written: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}
    for stream, chunk in reads:
        written[stream] += chunk
    return sum(text.count(b"\n") + (not text.endswith(b"\n")) for text in written.values() if text)


def received_task(line: str) -> str | None:
    """Return the task that this line says was received, None if it says no such."""
    return next((said.task for said in Reader().read(line) if said.kind == "received"), None)


def check_bodies(body: bytes) -> None:
    """However Python prints a body, it is recognised: as bytes, and as the text that it is."""
    assert received_task(f" [x] Received {body!r}") == body_text(body), "another task"
    text = body.decode("utf-8", "ignore")
    assert received_task(f" [x] Received {text!r}.") == body_text(text.encode()), "another task"
