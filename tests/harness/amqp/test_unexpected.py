"""Bytes and frames that cannot come: one ``Undecodable``, and then nothing more."""

from __future__ import annotations

import pytest

from filaprova.amqp.conversation import Conversation
from filaprova.amqp.frames import FrameReader, UndecodableBytesError
from filaprova.record.wire import Published, Side, Undecodable
from tests.harness.amqp.bytes import (
    CHANNEL_OPEN,
    CHANNEL_OPEN_OK,
    CONFIRM_SELECT,
    Talk,
    ack,
    consume,
    consume_ok,
    declare,
    declare_ok,
    deliver,
    frame,
    golden,
    header,
    method,
    nack,
    publish,
    reject,
    short,
)

ASKED = method(60, 40, bytes(2), short(""), short("q"), b"\x00")
TABLE_ENTRY = golden('01 "a" 3f')
SHORT = "its fields go on past its end"
LONG = "there is more in it than its fields"
STRANGE = "a table holds a value of unknown kind b'?'"

UNEXPECTED: list[tuple[str, Side, bytes, bytes, str]] = [
    ("header alone", "client", b"", header(1), "a content header without its method"),
    ("header again", "client", ASKED + header(1), header(1), "a content header without its method"),
    (
        "header elsewhere",
        "client",
        ASKED,
        header(1, channel=2),
        "a content header without its method",
    ),
    ("header after all", "client", publish(b"a"), header(1), "a content header without its method"),
    ("body alone", "broker", b"", frame(3, 1, b"a"), "a content body without its header"),
    ("body at once", "client", ASKED, frame(3, 1, b"a"), "a content body without its header"),
    (
        "body after all",
        "client",
        publish(b""),
        frame(3, 1, b"a"),
        "a content body without its header",
    ),
    (
        "too long",
        "client",
        ASKED + header(2),
        frame(3, 1, b"abc"),
        "more body than the 2 bytes announced",
    ),
    ("within", "client", ASKED, ack(1), "a basic.ack inside the content of a basic.publish"),
    (
        "within header",
        "client",
        ASKED + header(1),
        ASKED,
        "a basic.publish inside the content of a basic.publish",
    ),
    (
        "within deliver",
        "broker",
        deliver(1, b"a")[:-9],
        ack(1),
        "a basic.ack inside the content of a basic.deliver",
    ),
    ("confirm", "broker", b"", ack(1), "an answer to publish 1, which awaits none"),
    ("refusal", "broker", b"", nack(3), "an answer to publish 3, which awaits none"),
    ("confirm of tag 0", "broker", b"", ack(0), "an answer to publish 0, which awaits none"),
    ("declare-ok", "broker", b"", declare_ok("q"), "a queue.declare-ok that nobody asked for"),
    ("purge-ok", "broker", b"", method(50, 31, bytes(4)), "a queue.purge-ok that nobody asked for"),
    (
        "delete-ok",
        "broker",
        b"",
        method(50, 41, bytes(4)),
        "a queue.delete-ok that nobody asked for",
    ),
    ("qos-ok", "broker", b"", method(60, 11), "a basic.qos-ok that nobody asked for"),
    ("consume-ok", "broker", b"", consume_ok("c"), "a basic.consume-ok that nobody asked for"),
    *(
        (name, "broker", b"", method(*number), f"a {name} that nobody asked for")
        for name, number in {
            "exchange.declare-ok": (40, 11),
            "exchange.delete-ok": (40, 21),
            "exchange.bind-ok": (40, 31),
            "exchange.unbind-ok": (40, 51),
            "queue.bind-ok": (50, 21),
            "queue.unbind-ok": (50, 51),
            "tx.select-ok": (90, 11),
            "tx.commit-ok": (90, 21),
            "tx.rollback-ok": (90, 31),
        }.items()
    ),
    ("get-empty", "broker", b"", method(60, 72, short("")), "a basic.get-ok that nobody asked for"),
    ("client delivers", "client", b"", deliver(1, b"a"), "a basic.deliver from the client"),
    ("client opens ok", "client", b"", CHANNEL_OPEN_OK, "a channel.open-ok from the client"),
    ("broker publishes", "broker", b"", publish(b"a"), "a basic.publish from the broker"),
    ("broker rejects", "broker", b"", reject(1), "a basic.reject from the broker"),
    ("broker opens", "broker", b"", CHANNEL_OPEN, "a channel.open from the broker"),
    ("broker declares", "broker", b"", declare("q"), "a queue.declare from the broker"),
    ("start-ok", "broker", b"", method(10, 11, bytes(10)), "a connection.start-ok from the broker"),
    ("tune", "client", b"", method(10, 30, bytes(8)), "a connection.tune from the client"),
    ("arguments short", "client", b"", method(60, 80, bytes(8)), f"a broken basic.ack: {SHORT}"),
    ("arguments long", "client", b"", method(60, 80, bytes(10)), f"a broken basic.ack: {LONG}"),
    ("table", "client", b"", declare("q", 0, TABLE_ENTRY), f"a broken queue.declare: {STRANGE}"),
    ("tx", "client", b"", method(90, 10, b"a"), f"a broken tx.select: {LONG}"),
    ("passed over", "client", b"", method(20, 21), f"a broken channel.flow-ok: {SHORT}"),
    ("client binds ok", "client", b"", method(50, 21), "a queue.bind-ok from the client"),
    ("broker binds", "broker", b"", method(90, 10), "a tx.select from the broker"),
    ("client blocks", "client", b"", method(10, 61), "a connection.unblocked from the client"),
    (
        "properties",
        "client",
        ASKED,
        header(1, 0x8000, b"\x05ab"),
        f"a broken content header: {SHORT}",
    ),
    ("more flags", "client", ASKED, header(1, 0x0001), "a content header of an unknown class"),
    ("bit 1", "client", ASKED, header(1, 0x0002), "a content header of an unknown class"),
    (
        "class",
        "client",
        ASKED,
        frame(2, 1, golden("0032") + bytes(12)),
        "a content header of an unknown class",
    ),
    ("garbage", "client", b"", b"GET / HTTP/1.1", "a frame of unknown type 71"),
]


@pytest.mark.parametrize(
    ("side", "before", "bad", "reason"),
    [pytest.param(*row[1:], id=row[0]) for row in UNEXPECTED],
)
def test_one_undecodable_and_then_nothing(
    side: Side, before: bytes, bad: bytes, reason: str
) -> None:
    talk = Talk((side, before))
    [event] = talk.say(side, bad)
    assert isinstance(event, Undecodable)
    assert event.reason == reason
    assert (event.client, event.connection, event.by, event.at_ns) == ("C1", 7, side, 2)
    assert bad.hex().startswith(event.bytes_hex)
    assert 1 <= len(event.bytes_hex) // 2 <= 11
    for data in (publish(b"a"), b"garbage", b""):
        assert talk.client(data) == []
        assert talk.broker(data) == []


@pytest.mark.parametrize("bad", [b"garbage", header(1)])
def test_what_came_before_the_bad_bytes_is_still_told(bad: bytes) -> None:
    published, undecodable = Talk().client(publish(b"a"), bad, publish(b"b"))
    assert isinstance(published, Published)
    assert isinstance(undecodable, Undecodable)
    assert published.at_ns == undecodable.at_ns == 1


def test_two_errors_in_one_piece_of_data_are_one() -> None:
    events = Talk().client(publish(b"a"), header(1), publish(b"b"), b"garbage")
    assert [type(event) for event in events] == [Published, Undecodable]
    assert isinstance(events[1], Undecodable)
    assert events[1].reason == "a content header without its method"


def test_a_confirm_on_a_channel_that_does_not_await_any() -> None:
    talk = Talk(("client", CONFIRM_SELECT + publish(b"a")))
    [event] = talk.broker(ack(1, channel=2))
    assert isinstance(event, Undecodable)


def test_the_same_confirm_twice() -> None:
    talk = Talk(("client", CONFIRM_SELECT + publish(b"a")), ("broker", ack(1)))
    [event] = talk.broker(ack(1))
    assert isinstance(event, Undecodable)


def test_the_password_is_not_shown() -> None:
    start_ok = method(
        10, 11, bytes(4), short("PLAIN"), golden('00000010 00 "guest"') + b"\x00password", channel=0
    )
    [event] = Talk(begun=True).client(start_ok)
    assert isinstance(event, Undecodable)
    assert b"guest".hex() not in event.bytes_hex
    assert b"pass".hex() not in event.bytes_hex


def test_a_caller_with_a_reader_of_its_own_gives_up_once() -> None:
    conversation = Conversation("C1", 7)
    reader = FrameReader(expects_protocol_header=False)
    events = conversation.receive_frames("client", reader.receive(publish(b"a")), 1)
    assert [type(event) for event in events] == [Published]
    with pytest.raises(UndecodableBytesError) as caught:
        reader.receive(b"garbage")
    [event] = conversation.give_up("client", caught.value, 2)
    assert isinstance(event, Undecodable)
    assert event.bytes_hex == b"garbage".hex()
    assert conversation.give_up("client", caught.value, 3) == []
    frames = FrameReader(expects_protocol_header=False).receive(publish(b"a"))
    assert conversation.receive_frames("client", frames, 4) == []


def test_a_consumer_whose_deliveries_are_cut_off_by_garbage_settles_nothing_more() -> None:
    talk = Talk(("client", consume("q", "c")), ("broker", consume_ok("c") + deliver(1, b"a")))
    talk.broker(b"garbage")
    assert talk.client(ack(1)) == []
