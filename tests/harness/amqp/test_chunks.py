"""However a stream is cut into chunks, it gives the same events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.harness.amqp.bytes import Turn, events_of
from tests.harness.amqp.session import SESSION
from tests.harness.amqp.streams import CONVERSATIONS, cut, mutated


def test_the_session_split_at_every_point() -> None:
    whole = events_of(SESSION)
    for at, (side, data) in enumerate(SESSION):
        for point in range(1, len(data)):
            halves: list[Turn] = [(side, data[:point]), (side, data[point:])]
            assert events_of([*SESSION[:at], *halves, *SESSION[at + 1 :]]) == whole


def test_the_session_byte_by_byte() -> None:
    octets: list[Turn] = [(side, bytes([octet])) for side, data in SESSION for octet in data]
    assert events_of(octets) == events_of(SESSION)


@given(CONVERSATIONS, st.data())
def test_any_chunks_of_any_conversation(turns: list[Turn], choose: st.DataObject) -> None:
    assert events_of(choose.draw(cut(turns))) == events_of(turns)


@given(mutated(), st.data())
def test_any_chunks_of_a_broken_conversation(turns: list[Turn], choose: st.DataObject) -> None:
    assert events_of(choose.draw(cut(turns))) == events_of(turns)
