"""The decoder: a script's bytes, whole and in pieces, both directions in one conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from filaprova.amqp.conversation import Conversation
from filaprova.amqp.frames import FrameReader, UndecodableBytesError
from filaprova.judge.checks import fully_decoded
from filaprova.judge.verdict import Outcome
from filaprova.record.event import Event
from filaprova.record.events import AnyEvent
from filaprova.record.history import History
from filaprova.record.wire import (
    Bound,
    ConnectionOpened,
    ExchangeDeclared,
    QueueDeclared,
    Side,
    Unbound,
    Undecodable,
)
from tests.fuzz.memory import held_bytes
from tests.fuzz.oracle import split
from tests.fuzz.script import Script, read_script

SMALL_FRAME_BYTES = 200
"""So that frames of more than the limit are met."""
HELD_AT_FIRST_BYTES = 10_000
HELD_FACTOR = 128
"""What a conversation may keep for each byte: most for a channel with one request only."""
HELD_AT_LAST_BYTES = 12_000
"""What it may keep once it follows nothing any more."""
HELD_READER_BYTES = 3_000
EVENT_LIMIT_BYTES = 8 * 1024
"""An event holds a few names and texts, each of at most 256 octets, each octet escaped."""
TABLE_FACTOR = 16
"""What an octet of an argument table may become in an event's text."""

ROLLBACK = bytes((0, 90, 0, 30))
WITH_A_TABLE = (QueueDeclared, ExchangeDeclared, Bound, Unbound)

SIDES: tuple[Side, Side] = ("client", "broker")


@contextmanager
def examiner() -> Iterator[Callable[[bytes], None]]:
    yield examine


def examine(data: bytes) -> None:
    script = read_script(data)
    whole = follow((turn.side, turn.data) for turn in script.turns)
    assert follow(script.pieces()) == whole, "in other pieces the same bytes say something else"
    check_events(script, whole)
    check_memory(script)
    for side in SIDES:
        check_reader(script, side)


def follow(said: Iterable[tuple[Side, bytes]]) -> list[Event]:
    """Return the events of a conversation; after the Undecodable it must be silent."""
    conversation = Conversation("C1", 1)
    events: list[Event] = []
    for side, piece in said:
        silent = bool(events) and isinstance(events[-1], Undecodable)
        told = conversation.receive(side, piece, 0)
        assert not (silent and told), "it went on after undecodable bytes"
        events += told
    return events


def check_events(script: Script, events: list[Event]) -> None:
    """Few enough, short enough, fit for the record; and broken bytes never make a PASS."""
    streams = {side: split(side, script.stream(side)) for side in SIDES}
    frame_count = sum(len(stream.whole) for stream in streams.values())
    rollback_count = sum(frame[7:11] == ROLLBACK for frame in streams["client"].whole)
    most = (2 + rollback_count) * frame_count + 1  # after each, all can be settled once more
    assert len(events) <= most, "more events than frames can give"
    undecodable = [event for event in events if isinstance(event, Undecodable)]
    if any(stream.broken for stream in streams.values()):
        assert undecodable, "bytes that are not AMQP 0-9-1 were taken as such"
    lines = msgspec.json.Encoder().encode_lines(events).splitlines()
    read_back = [msgspec.json.decode(line, type=AnyEvent) for line in lines]
    assert read_back == events, "an event is another one in the file"
    said_bytes = sum(len(turn.data) for turn in script.turns)
    for event, line in zip(events, lines, strict=True):
        table_bytes = TABLE_FACTOR * said_bytes if isinstance(event, WITH_A_TABLE) else 0
        assert len(line) <= EVENT_LIMIT_BYTES + table_bytes, "an event without measure"
    if undecodable:
        opened = ConnectionOpened(
            at_ns=0, client="C1", connection=1, vhost="/", heartbeat_s=0, frame_max_bytes=0
        )
        verdict = fully_decoded().judge(History([opened, *events]))
        assert verdict.outcome is Outcome.UNKNOWN, "broken bytes, and no doubt"


def check_memory(script: Script) -> None:
    """What is kept is bounded by what came; after undecodable bytes and at the end it is let go."""
    conversation = Conversation("C1", 1)
    events: list[Event] = []
    came_bytes, over = 0, False
    for turn in script.turns:
        events = conversation.receive(turn.side, turn.data, 0)
        over = over or any(isinstance(event, Undecodable) for event in events)
        came_bytes += len(turn.data)
    del events
    limit = HELD_AT_LAST_BYTES if over else HELD_AT_FIRST_BYTES + HELD_FACTOR * came_bytes
    assert held_bytes(conversation) <= limit, "it keeps too much"
    conversation.end()
    assert held_bytes(conversation) <= HELD_AT_LAST_BYTES, "it keeps something after the end"


def check_reader(script: Script, side: Side) -> None:
    """No byte is lost, none is kept beyond a frame, and what is undecodable stays so."""
    reader = FrameReader(
        expects_protocol_header=side == "client", max_frame_bytes=SMALL_FRAME_BYTES
    )
    frames: list[bytes] = []
    rest = b""
    broken = False
    for speaker, piece in script.pieces():
        if speaker != side:
            continue
        try:
            frames += [frame.raw for frame in reader.receive(piece)]
        except UndecodableBytesError as error:
            frames += [frame.raw for frame in error.frames]
            rest += error.rest
            broken = True
        else:
            assert not broken, "undecodable bytes were forgiven"
        assert reader.remainder_bytes < SMALL_FRAME_BYTES + 8, "it keeps more than a frame"
    assert held_bytes(reader) < HELD_READER_BYTES, "it keeps more than a frame"
    expected = split(side, script.stream(side), SMALL_FRAME_BYTES)
    assert (frames, broken) == (expected.whole, expected.broken), "frames end elsewhere"
    if broken:
        assert rest == expected.rest, "what is no frame was not given back whole"
        assert reader.remainder_bytes == 0, "it keeps more than a frame"
    else:
        assert reader.remainder_bytes == len(expected.rest), "bytes got lost"
