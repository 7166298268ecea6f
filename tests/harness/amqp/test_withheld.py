"""What is kept back would have said something: which method, of which task."""

from __future__ import annotations

import pytest

from filaprova.amqp.frames import FrameReader
from filaprova.amqp.withheld import NOT_FRAMES, Unsaid, WithheldFrames
from filaprova.record.wire import Settled, Side
from tests.harness.amqp.bytes import (
    CHANNEL_OPEN,
    CONFIRM_SELECT,
    PROTOCOL_HEADER,
    Talk,
    ack,
    consume,
    consume_ok,
    content,
    declare,
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


def holding() -> Talk:
    """Return a conversation whose client holds tasks 1 to 3."""
    talk = Talk(("client", consume("q", "c")))
    talk.broker(consume_ok("c"), *(deliver(tag, b"t%d" % tag) for tag in (1, 2, 3)))
    return talk


class Kept:
    """Keeps back what one side of a conversation says."""

    def __init__(self, talk: Talk, side: Side = "client") -> None:
        self.withheld = WithheldFrames(side, talk.conversation)

    def say(self, *frames: bytes) -> list[Unsaid]:
        reader = FrameReader(expects_protocol_header=False)
        return self.withheld.receive(reader.receive(b"".join(frames)))


@pytest.mark.parametrize(
    ("said", "what"), [(ack(2), "basic.ack"), (nack(2), "basic.nack"), (reject(2), "basic.reject")]
)
def test_a_settlement(said: bytes, what: str) -> None:
    talk = holding()
    assert Kept(talk).say(said) == [Unsaid(what, 1, "t2", 2)]
    [event] = talk.client(ack(2))
    assert isinstance(event, Settled)
    assert event.task == "t2", "the conversation has heard what was kept back"


def test_a_settlement_of_several_is_told_for_each() -> None:
    assert Kept(holding()).say(ack(2, multiple=True)) == [
        Unsaid("basic.ack", 1, "t1", 1),
        Unsaid("basic.ack", 1, "t2", 2),
    ]
    assert len(Kept(holding()).say(nack(0, multiple=True))) == 3


def test_what_was_settled_once_is_not_settled_again() -> None:
    kept = Kept(holding())
    kept.say(ack(1))
    assert kept.say(ack(1)) == [Unsaid("basic.ack", 1, None, 1)]
    assert kept.say(ack(2, multiple=True)) == [Unsaid("basic.ack", 1, "t2", 2)]
    assert kept.say(ack(2, multiple=True)) == [Unsaid("basic.ack", 1, None, 2)]


def test_a_channel_opened_anew_begins_its_tags_anew() -> None:
    talk = holding()
    kept = Kept(talk)
    kept.say(ack(1))
    talk.client(CHANNEL_OPEN, consume("q", "c"))
    talk.broker(consume_ok("c"), deliver(1, b"new"))
    assert kept.say(ack(1)) == [Unsaid("basic.ack", 1, "new", 1)]


@pytest.mark.parametrize("said", [ack(9), ack(9, multiple=True), ack(2, channel=5)])
def test_a_settlement_of_nothing_outstanding(said: bytes) -> None:
    [unsaid] = Kept(holding()).say(said)
    assert (unsaid.what, unsaid.task) == ("basic.ack", None)
    assert unsaid.delivery_tag in (2, 9)


def test_the_second_bit_of_a_reject_is_no_multiple() -> None:
    assert Kept(holding()).say(reject(2, requeue=True)) == [Unsaid("basic.reject", 1, "t2", 2)]


def test_confirms() -> None:
    talk = Talk(("client", CONFIRM_SELECT + publish(b"a") + publish(b"b") + publish(b"c")))
    kept = Kept(talk, "broker")
    assert kept.say(nack(3), ack(3, multiple=True)) == [
        Unsaid("basic.nack", 1, "c"),
        Unsaid("basic.ack", 1, "a"),
        Unsaid("basic.ack", 1, "b"),
    ]
    assert kept.say(ack(7)) == [Unsaid("basic.ack", 1)]


def test_a_publish_is_told_with_its_content() -> None:
    kept = Kept(Talk())
    said = publish(b"body", message_id="id-1")
    assert kept.say(said[: len(ASKED)]) == []
    assert kept.say(said[len(ASKED) :]) == [Unsaid("basic.publish", 1, "id-1")]
    assert kept.say(publish(b"")) == [Unsaid("basic.publish", 1, "")]
    assert kept.say(ASKED, header(3), frame(3, 1, b"ab"), frame(3, 1, b"c")) == [
        Unsaid("basic.publish", 1, "abc")
    ]


def test_contents_on_two_channels_may_be_mixed() -> None:
    one, two = publish(b"one"), publish(b"two", channel=2)
    kept = Kept(Talk())
    assert kept.say(one[: len(ASKED)], two, one[len(ASKED) :]) == [
        Unsaid("basic.publish", 2, "two"),
        Unsaid("basic.publish", 1, "one"),
    ]


def test_a_delivery_and_a_get_have_their_tags() -> None:
    got = method(60, 71, (8).to_bytes(8, "big"), b"\x00", short(""), short("q"), bytes(4))
    returned = method(60, 50, bytes(2), short(""), short(""), short("q"))
    assert Kept(Talk(), "broker").say(
        deliver(7, b"a"), got + content(b"b"), returned + content(b"c")
    ) == [
        Unsaid("basic.deliver", 1, "a", 7),
        Unsaid("basic.get-ok", 1, "b", 8),
        Unsaid("basic.return", 1, "c"),
    ]


def test_any_other_method_and_frame() -> None:
    kept = Kept(Talk())
    assert kept.say(declare("q", channel=3), golden("08 0000 00000000 ce")) == [
        Unsaid("queue.declare", 3),
        Unsaid("heartbeat", 0),
    ]
    first = FrameReader(expects_protocol_header=True).receive(PROTOCOL_HEADER)
    assert kept.withheld.receive(first) == [Unsaid("protocol header", 0)]


def test_a_method_that_is_broken_is_told_by_its_name() -> None:
    assert Kept(holding()).say(method(60, 80, b"\x00")) == [Unsaid("basic.ack", 1)]
    assert Kept(Talk()).say(method(60, 40, b"\x00")) == [Unsaid("basic.publish", 1)]


def test_the_rest_of_a_content_is_told_once_by_the_method_that_went_out() -> None:
    kept = Kept(Talk(("client", ASKED)))
    assert kept.say(header(4), frame(3, 1, b"ab")) == [Unsaid("basic.publish", 1)]
    assert kept.say(frame(3, 1, b"cd")) == []
    assert kept.say(publish(b"next")) == [Unsaid("basic.publish", 1, "next")]


@pytest.mark.parametrize(
    ("said", "what"), [(header(1), "content header"), (frame(3, 1, b"a"), "content body")]
)
def test_a_content_of_no_method_is_told_once(said: bytes, what: str) -> None:
    kept = Kept(Talk())
    assert kept.say(said, said) == [Unsaid(what, 1)]
    kept.say(ack(1))
    assert kept.say(said) == [Unsaid(what, 1)]


@pytest.mark.parametrize(
    "rest",
    [
        header(3) + ASKED,
        ASKED,
        frame(3, 1, b"no header before it"),
        header(3) + header(3),
        header(1, 0x8000, b"\x05ab"),
    ],
)
def test_a_content_that_breaks_off(rest: bytes) -> None:
    kept = Kept(Talk())
    assert kept.say(ASKED, rest)[:1] == [Unsaid("basic.publish", 1)]
    assert kept.say(publish(b"next"))[-1:] == [Unsaid("basic.publish", 1, "next")]


def test_the_rest_of_a_content_that_broke_off_is_not_told_again() -> None:
    kept = Kept(Talk())
    assert kept.say(ASKED, header(3), header(3)) == [Unsaid("basic.publish", 1)]
    assert kept.say(frame(3, 1, b"abc")) == []


def test_a_delivery_that_breaks_off_has_its_tag() -> None:
    delivery = method(60, 60, short("c"), (5).to_bytes(8, "big"), b"\x00", short(""), short("q"))
    kept = Kept(Talk(), "broker")
    assert kept.say(delivery, header(3), deliver(6, b"next")) == [
        Unsaid("basic.deliver", 1, None, 5),
        Unsaid("basic.deliver", 1, "next", 6),
    ]


def test_what_is_unfinished_at_the_end() -> None:
    kept = Kept(Talk(), "broker")
    assert kept.say(deliver(5, b"abc")[:-11]) == []
    assert kept.withheld.end() == [Unsaid("basic.deliver", 1, None, 5)]
    assert kept.withheld.end() == []


def test_bytes_that_are_no_frames_are_told_once() -> None:
    kept = Kept(Talk())
    assert kept.withheld.receive_other_bytes() == [Unsaid(NOT_FRAMES, 0)]
    assert kept.withheld.receive_other_bytes() == []


def test_after_garbage_no_task_is_known() -> None:
    talk = holding()
    talk.broker(b"garbage")
    assert Kept(talk).say(ack(1)) == [Unsaid("basic.ack", 1, None, 1)]
