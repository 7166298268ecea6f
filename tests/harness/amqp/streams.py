"""Conversations for hypothesis: what two sides may say, likely or not, on two channels."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.harness.amqp import bytes as wire

CHANNELS = st.integers(1, 2)
TAGS = st.integers(0, 5)
BODIES = st.one_of(st.binary(max_size=20), st.binary(min_size=250, max_size=300))
NAMES = st.sampled_from(["", "q", "c", "fila.ç"])
BITS = st.integers(0, 31)
FLAGS = st.booleans()

FROM_EITHER = [
    st.just(wire.golden("08 0000 00000000 ce")),
    st.builds(wire.ack, TAGS, multiple=FLAGS, channel=CHANNELS),
    st.builds(wire.nack, TAGS, multiple=FLAGS, requeue=FLAGS, channel=CHANNELS),
]
OCTETS = BITS.map(lambda bits: bytes([bits]))
NO_WAIT = st.sampled_from([b"\x00", b"\x01"])
SHORT_NAMES, TABLE = NAMES.map(wire.short), st.just(wire.long(b""))
ROUTING_FROM_CLIENT = [
    *(
        st.builds(wire.method, st.just(class_id), st.just(method_id), *fields)
        for class_id, method_id, fields in (
            (40, 10, (st.just(bytes(2)), SHORT_NAMES, SHORT_NAMES, OCTETS, TABLE)),
            (40, 30, (st.just(bytes(2)), SHORT_NAMES, SHORT_NAMES, SHORT_NAMES, NO_WAIT, TABLE)),
            (50, 20, (st.just(bytes(2)), SHORT_NAMES, SHORT_NAMES, SHORT_NAMES, NO_WAIT, TABLE)),
            (50, 50, (st.just(bytes(2)), SHORT_NAMES, SHORT_NAMES, SHORT_NAMES, TABLE)),
        )
    ),
]
TX_FROM_CLIENT = st.sampled_from([wire.method(90, number) for number in (10, 20, 30)])
TX_FROM_BROKER = st.sampled_from([wire.method(90, number) for number in (11, 21, 31)])
BOUND_FROM_BROKER = st.sampled_from(
    [wire.method(40, 11), wire.method(40, 31), wire.method(50, 21), wire.method(50, 51)]
)
FROM_CLIENT = st.one_of(
    *FROM_EITHER,
    st.just(wire.CHANNEL_OPEN),
    st.just(wire.CONFIRM_SELECT),
    st.builds(wire.declare, NAMES, BITS, channel=CHANNELS),
    st.builds(wire.qos, st.integers(0, 3), st.integers(0, 1)),
    st.builds(wire.consume, NAMES, NAMES, BITS, channel=CHANNELS),
    st.builds(wire.publish, BODIES, channel=CHANNELS, message_id=NAMES),
    st.builds(wire.reject, TAGS, requeue=FLAGS),
    *ROUTING_FROM_CLIENT,
    TX_FROM_CLIENT,
)
FROM_BROKER = st.one_of(
    *FROM_EITHER,
    st.just(wire.CHANNEL_OPEN_OK),
    st.builds(wire.declare_ok, NAMES, st.integers(0, 3), channel=CHANNELS),
    st.builds(wire.consume_ok, NAMES, channel=CHANNELS),
    st.builds(
        wire.deliver, TAGS, BODIES, consumer=NAMES, redelivered=st.integers(0, 1), channel=CHANNELS
    ),
    TX_FROM_BROKER,
    BOUND_FROM_BROKER,
)

BEGINNING: list[wire.Turn] = [
    ("client", wire.PROTOCOL_HEADER + wire.consume("q", "c") + wire.CONFIRM_SELECT),
    ("broker", wire.consume_ok("c")),
    ("client", wire.publish(b"1") + wire.publish(b"2") + wire.publish(b"3")),
    ("broker", b"".join(wire.deliver(tag, b"t%d" % tag) for tag in (1, 2, 3))),
]


def joined(frames: list[bytes]) -> bytes:
    return b"".join(frames)


TURNS: st.SearchStrategy[wire.Turn] = st.one_of(
    st.tuples(st.just("client"), st.lists(FROM_CLIENT, max_size=5).map(joined)),
    st.tuples(st.just("broker"), st.lists(FROM_BROKER, max_size=5).map(joined)),
)
CONVERSATIONS = st.lists(TURNS, max_size=6).map(lambda turns: [*BEGINNING, *turns])
"""They begin well; later a side may say what it cannot: that too must give the same, cut or not."""


@st.composite
def mutated(draw: st.DrawFn) -> list[wire.Turn]:
    """Return a conversation in which some octets are other ones, missing or too many."""
    turns = list(draw(CONVERSATIONS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(turns) - 1))
        side, data = turns[at]
        point = draw(st.integers(0, len(data)))
        skipped = draw(st.integers(0, 3))
        turns[at] = side, data[:point] + draw(st.binary(max_size=4)) + data[point + skipped :]
    return turns


@st.composite
def cut(draw: st.DrawFn, turns: list[wire.Turn]) -> list[wire.Turn]:
    """Return the same conversation with each turn cut into chunks anywhere."""
    chunks: list[wire.Turn] = []
    for side, data in turns:
        points = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
        for begin, end in zip([0, *points], [*points, len(data)], strict=True):
            chunks.append((side, data[begin:end]))
    return chunks
