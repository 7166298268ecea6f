"""FrameReader: where frames begin and end, and what it says of bytes that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filaprova.amqp.frames import MAX_FRAME_BYTES, Frame, FrameReader, UndecodableBytesError
from tests.harness.amqp.bytes import PROTOCOL_HEADER, ack, content, frame, golden, publish
from tests.harness.amqp.session import SESSION

HEARTBEAT = golden("08 0000 00000000 ce")
FROM_BROKER = b"".join(data for side, data in SESSION if side == "broker")


def reader(*, client: bool = False) -> FrameReader:
    return FrameReader(expects_protocol_header=client)


def failure(data: bytes, *, client: bool = False) -> UndecodableBytesError:
    with pytest.raises(UndecodableBytesError) as caught:
        reader(client=client).receive(data)
    return caught.value


def test_each_kind_of_frame() -> None:
    frames = reader(client=True).receive(PROTOCOL_HEADER + publish(b"ab", channel=5) + HEARTBEAT)
    assert [(frame.kind, frame.channel, frame.method) for frame in frames] == [
        ("protocol header", 0, ""),
        ("method", 5, "basic.publish"),
        ("header", 5, ""),
        ("body", 5, ""),
        ("heartbeat", 0, ""),
    ]
    assert frames[3].payload == b"ab"
    assert frames[4].payload == b""


def test_what_came_is_kept_exactly() -> None:
    frames = reader().receive(FROM_BROKER)
    assert b"".join(frame.raw for frame in frames) == FROM_BROKER


def test_split_at_every_point() -> None:
    whole = reader().receive(FROM_BROKER)
    for point in range(len(FROM_BROKER) + 1):
        split = reader()
        assert split.receive(FROM_BROKER[:point]) + split.receive(FROM_BROKER[point:]) == whole
        assert split.remainder_bytes == 0


def test_byte_by_byte_each_frame_comes_with_its_last_byte() -> None:
    one_by_one, ends = reader(client=True), list[int]()
    stream = PROTOCOL_HEADER + HEARTBEAT + ack(1)
    for came, octet in enumerate(stream, start=1):
        ends += [came] * len(one_by_one.receive(bytes([octet])))
    assert ends == [8, 16, 37]


@pytest.mark.parametrize("kept", range(1, 21))
def test_a_truncated_stream_waits_for_the_rest(kept: int) -> None:
    truncated = reader()
    assert truncated.receive(HEARTBEAT + ack(1)[:kept]) == reader().receive(HEARTBEAT)
    assert truncated.remainder_bytes == kept


def test_a_truncated_protocol_header_waits_for_the_rest() -> None:
    truncated = reader(client=True)
    assert truncated.receive(PROTOCOL_HEADER[:7]) == []
    assert truncated.remainder_bytes == 7


def test_no_bytes_are_no_frames() -> None:
    assert reader().receive(b"") == []
    assert reader(client=True).receive(b"") == []


BAD = [
    pytest.param(golden("04 0000 00000000 ce"), "a frame of unknown type 4", 7, id="type"),
    pytest.param(
        b"HTTP/1.1 400 Bad Request", "a frame of unknown type 72", 7, id="another protocol"
    ),
    pytest.param(PROTOCOL_HEADER, "a protocol header instead of a frame", 7, id="refused version"),
    pytest.param(
        golden("08 0000 00000000 cd"),
        "a heartbeat frame of 0 bytes ends with 0xcd instead of 0xce",
        8,
        id="end mark",
    ),
    pytest.param(
        golden("08 0000 00000001 00 ce"),
        "a heartbeat frame that claims to hold 1 bytes",
        7,
        id="heartbeat",
    ),
    pytest.param(
        golden("01 0001 00000003 003c00 ce"),
        "a method frame that claims to hold 3 bytes",
        7,
        id="method",
    ),
    pytest.param(
        frame(2, 1, bytes(13)), "a header frame that claims to hold 13 bytes", 7, id="short header"
    ),
    pytest.param(
        golden("03 0001 01000001"),
        "a body frame that claims to hold 16777217 bytes",
        7,
        id="too long",
    ),
    pytest.param(
        golden("01 0001 00000004 003c 0063 ce"), "a method of unknown number", 11, id="99"
    ),
]


@pytest.mark.parametrize("before", [b"", HEARTBEAT, publish(b"ab") * 3], ids=["0", "1", "9"])
@pytest.mark.parametrize(("bad", "reason", "shown"), BAD)
def test_bytes_that_are_no_frame(before: bytes, bad: bytes, reason: str, shown: int) -> None:
    error = failure(before + bad + b"more")
    assert error.reason == reason
    assert error.shown == bad[:shown]
    assert list(error.frames) == reader().receive(before)
    assert error.rest == bad + b"more"


@pytest.mark.parametrize("point", range(8))
def test_a_bad_head_is_seen_with_its_last_byte(point: int) -> None:
    head = golden("04 0000 00000000")
    split = reader()
    split.receive(HEARTBEAT)
    with pytest.raises(UndecodableBytesError, match="unknown type 4"):
        assert split.receive(head[:point]) + split.receive(head[point:]) == []


def test_a_whole_frame_that_is_broken_within_leaves_nothing_to_forward() -> None:
    [broken] = reader().receive(frame(1, 1, golden("003c 0050 00")))
    with pytest.raises(UndecodableBytesError) as caught:
        broken.arguments()
    error = caught.value
    assert str(error) == f"{error.reason} (01 00 01 00 00 00 05 00 3c 00 50 …)"
    assert (error.frames, error.rest) == ((), b"")


def test_nothing_long_is_shown_of_undecodable_bytes() -> None:
    secret = frame(1, 0, golden("000a 000b") + b"password")[:-1] + b"\x00"
    assert failure(secret).shown == secret[:11]


def test_the_longest_frame_is_waited_for() -> None:
    head = b"\x03\x00\x01" + MAX_FRAME_BYTES.to_bytes(4, "big")
    waiting = reader()
    assert waiting.receive(head) == []
    [longest] = waiting.receive(bytes(MAX_FRAME_BYTES) + b"\xce")
    assert len(longest.payload) == MAX_FRAME_BYTES


def test_a_reader_may_have_a_lower_limit() -> None:
    small = FrameReader(expects_protocol_header=False, max_frame_bytes=20)
    assert len(small.receive(frame(3, 1, bytes(20)))) == 1
    with pytest.raises(UndecodableBytesError):
        small.receive(frame(3, 1, bytes(21)))


def test_a_client_that_speaks_another_version_is_refused() -> None:
    error = failure(b"AMQP\x03\x01\x00\x00" + HEARTBEAT, client=True)
    assert error.reason == "it does not begin with the header of AMQP 0-9-1"
    assert error.shown == b"AMQP\x03\x01\x00\x00"
    assert error.rest == b"AMQP\x03\x01\x00\x00" + HEARTBEAT


def test_the_protocol_header_counts_among_the_frames_before_an_error() -> None:
    error = failure(PROTOCOL_HEADER + HEARTBEAT + b"GET / HTTP", client=True)
    assert [frame.kind for frame in error.frames] == ["protocol header", "heartbeat"]
    assert error.rest == b"GET / HTTP"


def test_bytes_kept_from_earlier_are_in_the_rest() -> None:
    late = reader()
    assert late.receive(ack(1)[:-1]) == []
    with pytest.raises(UndecodableBytesError) as caught:
        late.receive(b"\x00" + HEARTBEAT)
    assert caught.value.rest == ack(1)[:-1] + b"\x00" + HEARTBEAT
    assert late.remainder_bytes == 0


def test_after_an_error_every_byte_is_the_rest() -> None:
    broken = reader()
    for data in (b"GET / HTTP", HEARTBEAT, b""):
        with pytest.raises(UndecodableBytesError, match="unknown type 71") as caught:
            broken.receive(data)
        assert (list(caught.value.frames), caught.value.rest) == ([], data)
        assert broken.remainder_bytes == 0


PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([HEARTBEAT, ack(3), content(b"abc"), PROTOCOL_HEADER]),
)


@given(st.lists(PIECES), st.booleans(), st.data())
def test_no_byte_is_lost_or_made_up(
    pieces: list[bytes], client: bool, choose: st.DataObject
) -> None:
    stream = b"".join(pieces)
    points = choose.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    cutter = reader(client=client)
    frames: list[Frame] = []
    rest = b""
    for begin, end in zip([0, *points], [*points, len(stream)], strict=True):
        try:
            frames += cutter.receive(stream[begin:end])
        except UndecodableBytesError as error:
            frames += error.frames
            rest += error.rest
    out = b"".join(frame.raw for frame in frames)
    assert stream.startswith(out)
    assert stream.endswith(rest)
    assert len(out) + len(rest) + cutter.remainder_bytes == len(stream)
