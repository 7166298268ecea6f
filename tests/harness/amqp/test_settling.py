"""Settling: ack, nack, reject and recover, and which deliveries a ``multiple`` settles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filaprova.record.event import Event
from filaprova.record.wire import Settled
from tests.harness.amqp.bytes import (
    Talk,
    ack,
    consume,
    consume_ok,
    deliver,
    method,
    nack,
    reject,
)


def holding(*tags: int, bits: int = 0) -> Talk:
    """Return a conversation with deliveries whose tasks are t1, t2 and so on."""
    talk = Talk(("client", consume("q", "c", bits)), ("broker", consume_ok("c")))
    talk.broker(*(deliver(tag, b"t%d" % tag) for tag in tags))
    return talk


def settled(events: list[Event]) -> list[tuple[str | None, int]]:
    found = []
    for event in events:
        assert isinstance(event, Settled)
        found.append((event.task, event.delivery_tag))
    return found


@pytest.mark.parametrize(
    ("data", "how", "requeue", "multiple"),
    [
        (ack(1), "ack", False, False),
        (ack(1, multiple=True), "ack", False, True),
        (nack(1), "nack", False, False),
        (nack(1, requeue=True), "nack", True, False),
        (nack(1, multiple=True), "nack", False, True),
        (nack(1, multiple=True, requeue=True), "nack", True, True),
        (reject(1), "reject", False, False),
        (reject(1, requeue=True), "reject", True, False),
    ],
)
def test_how_one_delivery_is_settled(
    data: bytes, how: Literal["ack", "nack", "reject"], requeue: bool, multiple: bool
) -> None:
    [event] = holding(1).client(data)
    assert event == Settled(
        at_ns=4,
        client="C1",
        connection=7,
        channel=1,
        task="t1",
        delivery_tag=1,
        how=how,
        requeue=requeue,
        multiple=multiple,
        queue="q",
    )


def test_one_by_one_in_any_order() -> None:
    talk = holding(1, 2, 3)
    assert settled(talk.client(ack(3), ack(1))) == [("t3", 3), ("t1", 1)]
    assert settled(talk.client(ack(2))) == [("t2", 2)]


@pytest.mark.parametrize("settle", [ack, nack])
def test_multiple_settles_all_outstanding_up_to_the_tag(settle: Callable[..., bytes]) -> None:
    talk = holding(1, 2, 3, 4)
    talk.client(ack(2))
    assert settled(talk.client(settle(3, multiple=True))) == [("t1", 1), ("t3", 3)]
    assert settled(talk.client(ack(4))) == [("t4", 4)]


@pytest.mark.parametrize("settle", [ack, nack])
def test_multiple_with_tag_0_settles_all(settle: Callable[..., bytes]) -> None:
    assert settled(holding(1, 2).client(settle(0, multiple=True))) == [("t1", 1), ("t2", 2)]


def test_tag_0_alone_settles_nothing() -> None:
    talk = holding(1)
    assert settled(talk.client(ack(0), reject(0))) == [(None, 0), (None, 0)]
    assert settled(talk.client(ack(1))) == [("t1", 1)]


def test_a_second_settlement_settles_nothing() -> None:
    talk = holding(1)
    assert settled(talk.client(ack(1), ack(1), nack(1))) == [("t1", 1), (None, 1), (None, 1)]


def test_a_tag_never_delivered_settles_nothing() -> None:
    assert settled(holding(1).client(ack(7))) == [(None, 7)]


@pytest.mark.parametrize("tag", [2, 4])
def test_multiple_up_to_a_tag_that_is_not_outstanding_settles_nothing(tag: int) -> None:
    # RabbitMQ answers with "unknown delivery tag", closes the channel and requeues everything.
    talk = holding(1, 2, 3)
    talk.client(ack(2))
    assert settled(talk.client(ack(tag, multiple=True))) == [(None, tag)]
    assert settled(talk.client(ack(1))) == [("t1", 1)]


def test_what_needs_no_acknowledgement_cannot_be_settled() -> None:
    assert settled(holding(1, bits=2).client(ack(1))) == [(None, 1)]


def test_a_delivery_is_outstanding_only_with_its_whole_content() -> None:
    talk = holding()
    talk.broker(deliver(1, b"t1")[:-1])
    assert settled(talk.client(ack(1))) == [(None, 1)]


def test_each_channel_counts_its_own_tags() -> None:
    talk = holding(1)
    talk.broker(deliver(1, b"other", channel=2))
    assert settled(talk.client(ack(0, multiple=True, channel=2))) == [("other", 1)]
    assert settled(talk.client(ack(1))) == [("t1", 1)]


def test_a_task_is_settled_by_the_name_it_was_delivered_under() -> None:
    talk = holding()
    talk.broker(deliver(1, b"body", message_id="id-1"))
    assert settled(talk.client(ack(1))) == [("id-1", 1)]


@pytest.mark.parametrize("number", [100, 110], ids=["recover-async", "recover"])
def test_recover_gives_everything_outstanding_back(number: int) -> None:
    talk = holding(1, 2, 3)
    talk.client(ack(2))
    events = talk.client(method(60, number, b"\x01"))
    assert settled(events) == [("t1", 1), ("t3", 3)]
    for event in events:
        assert isinstance(event, Settled)
        assert (event.how, event.requeue, event.multiple) == ("nack", True, True)
    assert talk.client(method(60, number, b"\x01")) == []


def test_what_was_on_its_way_is_given_back_until_the_broker_answers() -> None:
    talk = holding(1)
    talk.client(method(60, 110, b"\x01"))
    assert settled(talk.broker(deliver(2, b"t2"))[1:]) == [("t2", 2)]
    talk.broker(method(60, 111))
    assert settled(talk.broker(deliver(3, b"t3"))[1:]) == []
    assert settled(talk.client(ack(3))) == [("t3", 3)]


def test_what_was_on_its_way_is_given_back_until_each_recover_is_answered() -> None:
    talk = holding(1)
    talk.client(method(60, 110, b"\x01"), method(60, 110, b"\x01"))
    talk.broker(method(60, 111))
    assert settled(talk.broker(deliver(2, b"t2"))[1:]) == [("t2", 2)]
    talk.broker(method(60, 111))
    assert settled(talk.broker(deliver(3, b"t3"))[1:]) == []


def test_to_an_asynchronous_recover_nobody_answers() -> None:
    talk = holding(1)
    talk.client(method(60, 100, b"\x01"))
    assert settled(talk.broker(deliver(2, b"t2"))[1:]) == []


def test_recover_without_requeue_is_refused_by_rabbitmq_and_changes_nothing() -> None:
    talk = holding(1)
    assert talk.client(method(60, 110, b"\x00")) == []
    assert settled(talk.client(ack(1))) == [("t1", 1)]


@given(
    st.lists(
        st.one_of(
            st.just("deliver"),
            st.tuples(st.integers(0, 8), st.booleans(), st.sampled_from(["ack", "nack"])),
        ),
        max_size=25,
    )
)
def test_against_a_plain_model(acts: list[str | tuple[int, bool, str]]) -> None:
    talk, outstanding, delivered_count = holding(), list[int](), 0
    for act in acts:
        if isinstance(act, str):
            delivered_count += 1
            talk.broker(deliver(delivered_count, b"t%d" % delivered_count))
            outstanding.append(delivered_count)
            continue
        tag, multiple, how = act
        if multiple and tag == 0:
            meant = outstanding
        elif tag not in outstanding:
            meant = []
        else:
            meant = [one for one in outstanding if one == tag or (multiple and one < tag)]
        said = (ack if how == "ack" else nack)(tag, multiple=multiple)
        expected: list[tuple[str | None, int]] = [(f"t{one}", one) for one in meant] or [
            (None, tag)
        ]
        assert settled(talk.client(said)) == expected
        outstanding = [one for one in outstanding if one not in meant]
