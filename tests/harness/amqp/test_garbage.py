"""Whatever comes: the conversation never raises, and its events can be kept and read back."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from filaprova.amqp.conversation import Conversation
from filaprova.record.event import Event
from filaprova.record.events import AnyEvent
from filaprova.record.wire import Undecodable
from tests.harness.amqp.bytes import PROTOCOL_HEADER, Turn, events_of, frame
from tests.harness.amqp.session import SESSION
from tests.harness.amqp.streams import mutated

SIDES = st.sampled_from(["client", "broker"])


def sound(events: list[Event]) -> None:
    """At most one Undecodable, at the end; and every event survives its way through a file."""
    ends = [index for index, event in enumerate(events) if isinstance(event, Undecodable)]
    assert ends in ([], [len(events) - 1])
    lines = msgspec.json.Encoder().encode_lines(events).splitlines()
    assert [msgspec.json.decode(line, type=AnyEvent) for line in lines] == events


@given(st.lists(st.tuples(SIDES, st.binary(max_size=60)), max_size=5))
def test_arbitrary_bytes(turns: list[Turn]) -> None:
    sound(events_of(turns))
    sound(events_of(turns, begun=True))


@given(st.lists(st.tuples(SIDES, st.integers(1, 3), st.binary(max_size=60)), max_size=8))
def test_arbitrary_payloads_in_whole_frames(said: list[tuple[str, int, bytes]]) -> None:
    turns: list[Turn] = [(side, frame(kind, 1, data)) for side, kind, data in said]  # type: ignore[misc]
    sound(events_of(turns, begun=True))


METHODS = st.sampled_from(
    sorted(
        {data[at + 7 : at + 11] for _, data in SESSION for at in range(len(data)) if data[at] == 1}
    )
)


@given(st.lists(st.tuples(SIDES, METHODS, st.binary(max_size=30)), max_size=8))
def test_arbitrary_arguments_of_known_methods(said: list[tuple[str, bytes, bytes]]) -> None:
    turns: list[Turn] = [(side, frame(1, 1, name + data)) for side, name, data in said]  # type: ignore[misc]
    sound(events_of(turns, begun=True))


@given(mutated())
def test_conversations_with_changed_octets(turns: list[Turn]) -> None:
    sound(events_of(turns))


def test_each_octet_of_the_session_changed() -> None:
    """No octet can be changed so that the decoder raises; most changes are seen."""
    for at, (side, data) in enumerate(SESSION):
        for point in range(len(data)):
            changed = bytearray(data)
            changed[point] ^= 0x55
            sound(events_of([*SESSION[:at], (side, bytes(changed)), *SESSION[at + 1 :]]))


def test_the_session_cut_off_anywhere() -> None:
    """What came whole is told, the rest is counted as a remainder, nothing is undecodable."""
    whole = events_of(SESSION)
    for at, (side, data) in enumerate(SESSION):
        for point in range(0, len(data), 3):
            conversation = Conversation("C1", 7)
            events: list[Event] = []
            for said, turn in [*SESSION[:at], (side, data[:point])]:
                events += conversation.receive(said, turn, 0)
            assert events == whole[: len(events)]
            assert sum(conversation.end()) <= point


def test_a_client_that_speaks_something_else() -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(20), PROTOCOL_HEADER[::-1]):
        [event] = events_of([("client", data), ("broker", data)])
        assert isinstance(event, Undecodable)
        assert event.by == "client"
