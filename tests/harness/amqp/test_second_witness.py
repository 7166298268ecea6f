"""pika's own decoder as a second witness: it must read the same out of the same bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import data as pika_data
from pika import frame as pika_frame
from pika import spec

from filaprova.amqp.frames import _ARGUMENTS, Frame, FrameReader
from tests.harness.amqp.bytes import Turn, frame, long, method
from tests.harness.amqp.streams import CONVERSATIONS

TEXT = st.text(st.characters(codec="utf-8"), max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(TEXT, VALUES, max_size=4)


def encoded_table(table: dict[str, Any]) -> bytes:
    pieces: list[bytes] = []
    pika_data.encode_table(pieces, table)
    return b"".join(pieces)


FIELDS = {
    "B": st.integers(0, 255).map(lambda number: number.to_bytes(1, "big")),
    "H": st.integers(0, 2**16 - 1).map(lambda number: number.to_bytes(2, "big")),
    "I": st.integers(0, 2**32 - 1).map(lambda number: number.to_bytes(4, "big")),
    "Q": st.integers(0, 2**64 - 1).map(lambda number: number.to_bytes(8, "big")),
    "s": TEXT.map(lambda text: bytes([len(text.encode())]) + text.encode()),
    "S": TEXT.map(lambda text: long(text.encode())),
    "T": TABLES.map(encoded_table),
}


def only(data: bytes) -> Frame:
    [one] = FrameReader(expects_protocol_header=False).receive(data)
    return one


def seen_by_pika(data: bytes) -> Any:
    consumed, seen = pika_frame.decode_frame(data)
    assert consumed == len(data)
    return seen


def named(name: str) -> str:
    """Return pika's name of a method as ours is written: ``Basic.GetOk`` is ``basic.get-ok``."""
    class_name, method_name = name.split(".")
    dashed = "".join("-" + c.lower() if c.isupper() else c for c in method_name).lstrip("-")
    return f"{class_name.lower()}.{dashed}"


def as_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def arguments(seen: object) -> tuple[list[Any], dict[int, int]]:
    """Return pika's arguments with their bits as one number, and which bits those are, by place."""
    told: list[Any] = []
    masks: dict[int, int] = {}
    bit_count = 0
    for value in vars(seen).values():
        if isinstance(value, bool):
            if bit_count == 0:
                told.append(0)
            told[-1] |= value << bit_count
            bit_count += 1
            masks[len(told) - 1] = (1 << bit_count) - 1
        else:
            told.append(as_bytes(value))
            bit_count = 0
    return told, masks


# pika knows connection.update-secret, but its decoder cannot make one (1.4.4).
WITNESSED = sorted(set(spec.methods) - {spec.Connection.UpdateSecret.INDEX})


@pytest.mark.parametrize("number", WITNESSED, ids=lambda number: spec.methods[number].NAME)
@given(choose=st.data())
def test_every_method(number: int, choose: st.DataObject) -> None:
    signature = _ARGUMENTS[named(spec.methods[number].NAME)]
    fields = [choose.draw(FIELDS[code]) for code in signature]
    data = method(number >> 16, number & 0xFFFF, *fields, channel=3)
    ours, theirs = only(data), seen_by_pika(data)
    assert (ours.channel, ours.method) == (theirs.channel_number, named(theirs.method.NAME))
    told, masks = arguments(theirs.method)
    read = [as_bytes(value) for value in ours.arguments()]
    for place, mask in masks.items():
        read[place] &= mask
    assert read == told


def test_every_method_of_pika_has_arguments_here_and_no_other() -> None:
    assert {named(known.NAME) for known in spec.methods.values()} == set(_ARGUMENTS)


PROPERTIES = {
    "content_type": TEXT,
    "content_encoding": TEXT,
    "headers": TABLES,
    "delivery_mode": st.integers(1, 2),
    "priority": st.integers(0, 255),
    "correlation_id": TEXT,
    "reply_to": TEXT,
    "expiration": TEXT,
    "message_id": TEXT,
    "timestamp": st.integers(0, 2**40),
    "type": TEXT,
    "user_id": TEXT,
    "app_id": TEXT,
    "cluster_id": TEXT,
}


@given(st.fixed_dictionaries({}, optional=PROPERTIES), st.integers(0, 2**64 - 1))
def test_every_property(properties: dict[str, Any], body_bytes: int) -> None:
    written = spec.BasicProperties(**properties)
    ours = only(pika_frame.Header(3, body_bytes, written).marshal())
    assert ours.content_header() == (body_bytes, properties)


@given(CONVERSATIONS)
def test_whole_streams(turns: list[Turn]) -> None:
    for side in ("client", "broker"):
        stream = b"".join(data for said, data in turns if said == side)
        ours = FrameReader(expects_protocol_header=side == "client").receive(stream)
        for one in ours:
            consumed, theirs = pika_frame.decode_frame(stream)
            assert stream[:consumed] == one.raw
            stream = stream[consumed:]
            if isinstance(theirs, pika_frame.Method):
                assert (one.kind, one.method) == ("method", named(theirs.method.NAME))
            elif isinstance(theirs, pika_frame.Header):
                size, properties = one.content_header()
                assert (one.kind, size) == ("header", theirs.body_size)
                assert properties.get("message_id") == theirs.properties.message_id
            elif isinstance(theirs, pika_frame.Body):
                assert (one.kind, one.payload) == ("body", theirs.fragment)
            else:
                assert one.kind in ("heartbeat", "protocol header")
            if not isinstance(theirs, pika_frame.ProtocolHeader):
                assert one.channel == theirs.channel_number
        assert stream == b""


def test_the_witness_can_disagree() -> None:
    theirs = seen_by_pika(frame(3, 1, b"a"))
    assert theirs.fragment != only(frame(3, 1, b"b")).payload
