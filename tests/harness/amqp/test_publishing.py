"""Publishing: contents, publish tags, confirms one by one and in groups, returns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filaprova.record.event import Event
from filaprova.record.wire import (
    Confirmed,
    ConfirmsSelected,
    Published,
    PublishRefused,
    Returned,
)
from tests.harness.amqp.bytes import (
    CONFIRM_SELECT,
    CONFIRM_SELECT_OK,
    Talk,
    ack,
    content,
    header,
    method,
    nack,
    publish,
    short,
)


def published(event: Event) -> Published:
    assert isinstance(event, Published)
    return event


def answers(events: list[Event]) -> list[tuple[type[Event], str, int]]:
    found: list[tuple[type[Event], str, int]] = []
    for event in events:
        assert isinstance(event, Confirmed | PublishRefused)
        found.append((type(event), event.task, event.publish_tag))
    return found


def confirming(*bodies: bytes) -> Talk:
    return Talk(("client", CONFIRM_SELECT + b"".join(publish(body) for body in bodies)))


def test_a_publish_is_one_only_with_its_whole_content() -> None:
    talk = Talk()
    asked = method(60, 40, bytes(2), short("logs"), short("key"), b"\x00")
    assert talk.client(asked) == []
    assert talk.client(header(5)) == []
    assert talk.client(b"\x03\x00\x01\x00\x00\x00\x03abc\xce") == []
    [event] = talk.client(b"\x03\x00\x01\x00\x00\x00\x02de\xce")
    assert event == Published(
        at_ns=4,
        client="C1",
        connection=7,
        channel=1,
        task="abcde",
        exchange="logs",
        routing_key="key",
        persistent=False,
        mandatory=False,
        body_bytes=5,
    )


@pytest.mark.parametrize(("mode", "persistent"), [(0, False), (1, False), (2, True), (3, False)])
def test_delivery_mode_2_alone_is_persistent(mode: int, persistent: bool) -> None:
    asked = method(60, 40, bytes(2), short(""), short("q"), b"\x00")
    [event] = Talk().client(asked, header(0, 0x1000, bytes([mode])))
    assert published(event).persistent is persistent


def test_what_is_to_expire_says_so() -> None:
    asked = method(60, 40, bytes(2), short(""), short("q"), b"\x00")
    [event] = Talk().client(asked, header(0, 0x0100, short("60000")))
    assert published(event).expiration == "60000"


@pytest.mark.parametrize("priority", [0, 5, 255])
def test_a_priority(priority: int) -> None:
    asked = method(60, 40, bytes(2), short(""), short("q"), b"\x00")
    [event] = Talk().client(asked, header(0, 0x0800, bytes([priority])))
    assert published(event).priority == priority
    assert published(Talk().client(publish(b"a"))[0]).priority is None


@pytest.mark.parametrize(("bits", "mandatory"), [(0, False), (1, True), (2, False), (3, True)])
def test_mandatory_is_the_first_bit(bits: int, mandatory: bool) -> None:
    [event] = Talk().client(publish(b"a", bits=bits))
    assert published(event).mandatory is mandatory


def test_without_confirms_there_are_no_publish_tags() -> None:
    [event] = Talk().client(publish(b"a"))
    assert published(event).publish_tag is None


def test_publish_tags_count_from_confirm_select_on_each_channel() -> None:
    talk = Talk(("client", publish(b"before") + CONFIRM_SELECT))
    events = talk.client(publish(b"a"), publish(b"b"), publish(b"c", channel=2))
    assert [published(event).publish_tag for event in events] == [1, 2, None]


def test_confirms_are_selected_when_the_broker_says_so() -> None:
    talk = Talk()
    assert talk.client(CONFIRM_SELECT) == []
    [event] = talk.broker(CONFIRM_SELECT_OK)
    assert isinstance(event, ConfirmsSelected)


def test_confirms_selected_without_an_answer() -> None:
    talk = Talk()
    [event] = talk.client(method(85, 10, b"\x01"))
    assert isinstance(event, ConfirmsSelected)
    assert published(talk.client(publish(b"a"))[0]).publish_tag == 1


def test_a_confirm_that_overtakes_the_answer_to_confirm_select() -> None:
    assert answers(confirming(b"a").broker(ack(1))) == [(Confirmed, "a", 1)]


def test_one_confirm_each_in_any_order() -> None:
    talk = confirming(b"a", b"b", b"c")
    assert answers(talk.broker(ack(3), ack(1))) == [(Confirmed, "c", 3), (Confirmed, "a", 1)]
    assert answers(talk.broker(ack(2))) == [(Confirmed, "b", 2)]


def test_a_multiple_confirm_gives_one_event_for_each_publish_up_to_it() -> None:
    talk = confirming(b"a", b"b", b"c", b"d")
    talk.broker(ack(2))
    assert answers(talk.broker(ack(3, multiple=True))) == [
        (Confirmed, "a", 1),
        (Confirmed, "c", 3),
    ]
    assert answers(talk.broker(ack(4))) == [(Confirmed, "d", 4)]


def test_a_multiple_confirm_of_tag_0_is_all() -> None:
    talk = confirming(b"a", b"b")
    assert len(talk.broker(ack(0, multiple=True))) == 2
    assert talk.broker(ack(0, multiple=True)) == []


def test_a_multiple_refusal() -> None:
    talk = confirming(b"a", b"b", b"c")
    assert answers(talk.broker(nack(2, multiple=True))) == [
        (PublishRefused, "a", 1),
        (PublishRefused, "b", 2),
    ]
    assert answers(talk.broker(nack(3))) == [(PublishRefused, "c", 3)]


def test_confirms_of_one_channel_leave_the_others() -> None:
    talk = confirming(b"a")
    talk.client(method(85, 10, b"\x01", channel=2), publish(b"b", channel=2))
    assert answers(talk.broker(ack(0, multiple=True, channel=2))) == [(Confirmed, "b", 1)]
    assert answers(talk.broker(ack(1))) == [(Confirmed, "a", 1)]


@given(st.integers(0, 12), st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans())))
def test_every_publish_is_answered_once(count: int, said: list[tuple[int, bool, bool]]) -> None:
    talk = confirming(*(b"%d" % tag for tag in range(1, count + 1)))
    open_tags = set(range(1, count + 1))
    for tag, multiple, refused in said:
        meant = {one for one in open_tags if one == tag or (multiple and (one < tag or tag == 0))}
        if not meant and not multiple:
            continue  # a broker does not say this: test_unexpected.py
        answer = nack(tag, multiple=multiple) if refused else ack(tag, multiple=multiple)
        kind = PublishRefused if refused else Confirmed
        assert answers(talk.broker(answer)) == [(kind, str(one), one) for one in sorted(meant)]
        open_tags -= meant


def test_a_return_before_its_confirm() -> None:
    talk = confirming(b"a")
    returned = method(60, 50, (312).to_bytes(2, "big"), short("NO_ROUTE"), short(""), short("q"))
    first, second = talk.broker(returned + content(b"a"), ack(1))
    assert first == Returned(
        at_ns=2, client="C1", connection=7, channel=1, task="a", code=312, text="NO_ROUTE"
    )
    assert isinstance(second, Confirmed)


def test_a_returned_task_is_known_by_its_message_id() -> None:
    returned = method(60, 50, bytes(2), short(""), short(""), short("q"))
    [event] = Talk().broker(returned + content(b"a", message_id="t1"))
    assert isinstance(event, Returned)
    assert event.task == "t1"


def test_contents_on_several_channels_may_be_mixed() -> None:
    one, two = publish(b"one"), publish(b"two", channel=2)
    split = len(one) - len(b"one") - 8
    talk = Talk()
    assert talk.client(one[:split]) == []
    assert [published(event).task for event in talk.client(two, one[split:])] == ["two", "one"]
