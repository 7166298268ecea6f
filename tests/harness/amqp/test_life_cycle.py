"""Connections and channels: how they open, who closes them and why."""

from __future__ import annotations

import pytest

from filaprova.record.wire import (
    ChannelClosed,
    ChannelOpened,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
    Published,
    Settled,
    Side,
)
from tests.harness.amqp.bytes import (
    CHANNEL_OPEN,
    CHANNEL_OPEN_OK,
    CONFIRM_SELECT,
    PROTOCOL_HEADER,
    Talk,
    ack,
    consume,
    consume_ok,
    declare_ok,
    deliver,
    golden,
    long,
    method,
    publish,
    short,
)


def closing(class_id: int, method_id: int, code: int, text: str, *, channel: int) -> bytes:
    fields = code.to_bytes(2, "big"), short(text), bytes(4)
    return method(class_id, method_id, *fields, channel=channel)


def close_channel(*, channel: int = 1) -> bytes:
    return closing(20, 40, 404, "NOT_FOUND", channel=channel)


CLOSE_CONNECTION = closing(10, 50, 320, "CONNECTION_FORCED - shutdown", channel=0)


@pytest.mark.parametrize("side", ["client", "broker"])
def test_either_side_may_close_a_channel(side: Side) -> None:
    [event] = Talk().say(side, close_channel(channel=9))
    assert event == ChannelClosed(
        at_ns=1, client="C1", connection=7, channel=9, by=side, code=404, text="NOT_FOUND"
    )


@pytest.mark.parametrize("side", ["client", "broker"])
def test_either_side_may_close_the_connection(side: Side) -> None:
    [event] = Talk().say(side, CLOSE_CONNECTION)
    assert event == ConnectionClosed(
        at_ns=1,
        client="C1",
        connection=7,
        by=side,
        code=320,
        text="CONNECTION_FORCED - shutdown",
    )


@pytest.mark.parametrize("side", ["client", "broker"])
def test_the_answers_to_a_close_are_no_events(side: Side) -> None:
    assert Talk().say(side, method(20, 41) + method(10, 51, channel=0)) == []


def test_a_broker_without_a_name() -> None:
    start = method(10, 10, b"\x00\x09", long(b""), long(b"PLAIN"), long(b"en_US"), channel=0)
    open_ = method(10, 40, short("lesson"), short(""), b"\x00", channel=0)
    talk = Talk(("broker", start), ("client", open_))
    [event] = talk.broker(method(10, 41, short(""), channel=0))
    assert isinstance(event, ConnectionOpened)
    assert (event.vhost, event.broker_product, event.broker_version) == ("lesson", "", "")


def test_a_broker_that_opens_without_any_of_it() -> None:
    [event] = Talk().broker(method(10, 41, short(""), channel=0))
    assert event == ConnectionOpened(
        at_ns=1, client="C1", connection=7, vhost="", heartbeat_s=0, frame_max_bytes=0
    )


@pytest.mark.parametrize("by", ["channel", "connection"])
@pytest.mark.parametrize("side", ["client", "broker"])
def test_what_closes_gives_back_what_was_delivered(by: str, side: Side) -> None:
    talk = Talk(("client", consume("q", "c")), ("broker", consume_ok("c") + deliver(1, b"a")))
    talk.say(side, close_channel() if by == "channel" else CLOSE_CONNECTION)
    [event] = talk.client(ack(1))
    assert isinstance(event, Settled)
    assert (event.task, event.delivery_tag) == (None, 1)


def test_closing_one_channel_leaves_the_others() -> None:
    talk = Talk()
    for channel in (1, 2):
        talk.client(consume("q", "c", channel=channel))
        talk.broker(consume_ok("c", channel=channel), deliver(1, b"a", channel=channel))
    talk.broker(close_channel(channel=1))
    [event] = talk.client(ack(1, channel=2))
    assert isinstance(event, Settled)
    assert event.task == "a"


def test_a_channel_opened_again_begins_anew() -> None:
    talk = Talk(("client", CHANNEL_OPEN + CONFIRM_SELECT + publish(b"a")))
    talk.broker(close_channel())
    assert talk.client(CHANNEL_OPEN) == []
    [opened] = talk.broker(CHANNEL_OPEN_OK)
    assert isinstance(opened, ChannelOpened)
    [published] = talk.client(publish(b"b"))
    assert isinstance(published, Published)
    assert published.publish_tag is None
    talk.client(CONFIRM_SELECT)
    [published] = talk.client(publish(b"b"))
    assert isinstance(published, Published)
    assert published.publish_tag == 1


def test_each_conversation_has_channels_of_its_own() -> None:
    one, other = Talk(), Talk()
    one.client(CONFIRM_SELECT)
    [published] = other.client(publish(b"a"))
    assert isinstance(published, Published)
    assert published.publish_tag is None


def test_the_remainders_when_the_connection_ends() -> None:
    talk = Talk(("client", publish(b"a") + ack(1)[:-3]), ("broker", declare_ok("q")[:5]))
    assert talk.conversation.end() == (len(ack(1)) - 3, 5)


def test_no_remainder_when_all_frames_are_whole() -> None:
    talk = Talk(("client", publish(b"a")), ("broker", golden("08 0000 00000000 ce")))
    assert talk.conversation.end() == (0, 0)


def test_a_client_that_ends_within_its_protocol_header() -> None:
    talk = Talk(("client", PROTOCOL_HEADER[:3]), begun=False)
    assert talk.conversation.end() == (3, 0)


def test_a_broker_that_takes_no_publishes_for_now() -> None:
    blocked = method(10, 60, short("low on disk"), channel=0)
    events = Talk().broker(blocked, method(10, 61, channel=0))
    assert events == [
        ConnectionBlocked(at_ns=1, client="C1", connection=7, reason="low on disk"),
        ConnectionUnblocked(at_ns=1, client="C1", connection=7),
    ]


def start_ok(properties: str) -> bytes:
    fields = long(golden(properties)), short("PLAIN"), long(b"\0u\0p"), short("en_US")
    return method(10, 11, *fields, channel=0)


OPEN_OK = method(10, 41, short(""), channel=0)
LONG_NAME = "x" * 300


@pytest.mark.parametrize(
    ("properties", "product", "version"),
    [
        ("", "", ""),
        ('07 "product" 53 00000003 "php"', "php", ""),
        ('07 "version" 49 00000007', "", "7"),
        ('01 "a" 46 0000000d 07 "product" 53 00000000', "", ""),
        (f'07 "product" 53 0000012c "{LONG_NAME}"', "x" * 256, ""),
    ],
)
def test_what_a_client_library_calls_itself(properties: str, product: str, version: str) -> None:
    talk = Talk()
    assert talk.client(start_ok(properties)) == []
    [event] = talk.broker(OPEN_OK)
    assert isinstance(event, ConnectionOpened)
    assert (event.client_product, event.client_version) == (product, version)


# What a session says that the record does not need, and who may say it: AMQP 0-9-1 section 1.
SILENT: list[tuple[Side, bytes]] = [
    ("client", method(10, 21, long(b"answer"), channel=0)),  # connection.secure-ok
    ("broker", method(10, 20, long(b"challenge"), channel=0)),  # connection.secure
    ("client", method(10, 70, long(b"new"), short("expired"), channel=0)),  # update-secret
    ("broker", method(10, 71, channel=0)),  # update-secret-ok
    ("client", method(20, 20, b"\x00")),  # channel.flow
    ("broker", method(20, 20, b"\x01")),
    ("client", method(20, 21, b"\x01")),  # channel.flow-ok
    ("broker", method(20, 21, b"\x00")),
    ("client", method(30, 10, short("/data"), b"\x00")),  # access.request
    ("broker", method(30, 11, bytes(2))),
    ("client", method(60, 31, short("c"))),  # basic.cancel-ok, to a broker that cancelled
    ("broker", method(60, 111)),  # basic.recover-ok
    ("client", golden("08 0000 00000000 ce")),  # heartbeat
    ("broker", golden("08 0000 00000000 ce")),
]


@pytest.mark.parametrize(("side", "data"), SILENT)
def test_what_the_record_does_not_need_is_passed_over(side: Side, data: bytes) -> None:
    talk = Talk((side, data))
    assert talk.conversation.receive(side, data, 0) == []
    assert talk.client(publish(b"still decoded")) != []
