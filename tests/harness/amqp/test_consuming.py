"""Consuming: prefetch, consumers, deliveries and gets."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.record.event import Event
from filaprova.record.wire import (
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PollEmpty,
    PrefetchSet,
)
from tests.harness.amqp.bytes import (
    Talk,
    consume,
    consume_ok,
    content,
    declare,
    declare_ok,
    deliver,
    golden,
    header,
    long,
    method,
    qos,
    short,
)

ON: dict[str, Any] = {"at_ns": 2, "client": "C1", "connection": 7, "channel": 1}
QOS_OK = method(60, 11)


def get(queue: str, bits: int = 0) -> bytes:
    return method(60, 70, bytes(2), short(queue), bytes([bits]))


def get_ok(tag: int, body: bytes, redelivered: int = 0) -> bytes:
    fields = tag.to_bytes(8, "big"), bytes([redelivered]), short(""), short("q"), bytes(4)
    return method(60, 71, *fields) + content(body)


GET_EMPTY = method(60, 72, short(""))


def cancel(tag: str, bits: int = 0) -> bytes:
    return method(60, 30, short(tag), bytes([bits]))


def delivered(events: list[Event]) -> Delivered:
    [event] = events
    assert isinstance(event, Delivered)
    return event


def started(events: list[Event]) -> ConsumerStarted:
    [event] = events
    assert isinstance(event, ConsumerStarted)
    return event


@pytest.mark.parametrize(("bits", "is_global"), [(0, False), (1, True)])
def test_a_prefetch_limit(bits: int, is_global: bool) -> None:
    talk = Talk()
    assert talk.client(qos(300, bits)) == []
    assert talk.broker(QOS_OK) == [PrefetchSet(**ON, prefetch_count=300, is_global=is_global)]


def test_a_consumer_has_the_limit_set_before_it_started() -> None:
    talk = Talk(("client", consume("q", "before") + qos(5) + consume("q", "after") + qos(9)))
    before, _, after, _ = talk.broker(consume_ok("before"), QOS_OK, consume_ok("after"), QOS_OK)
    assert started([before]).prefetch_count == 0
    assert started([after]).prefetch_count == 5


def introduced(product: str, version: str) -> bytes:
    """Return a connection.start of a broker of this name."""
    names = "".join(
        f'07 "{name}" 53 {len(value):08x} "{value}"'
        for name, value in (("product", product), ("version", version))
    )
    fields = long(golden(names)), long(b"PLAIN"), long(b"en_US")
    return method(10, 10, b"\x00\x09", *fields, channel=0)


@pytest.mark.parametrize(
    ("product", "version", "limits"),
    [
        ("RabbitMQ", "3.10.8", (0, 5)),
        ("RabbitMQ", "4.0.5", (0, 5)),
        ("RabbitMQ", "4.2.99", (0, 5)),
        ("RabbitMQ", "4.3.0", (5, 0)),
        ("RabbitMQ", "4.10.0-rc.1", (5, 0)),
        ("RabbitMQ", "5.0", (5, 0)),
        ("RabbitMQ", "", (0, 5)),
        ("RabbitMQ", "9" * 5000 + ".0", (0, 5)),
        ("LavinMQ", "4.3.0", (0, 5)),
    ],
)
def test_a_limit_of_the_whole_channel(product: str, version: str, limits: tuple[int, int]) -> None:
    # www.rabbitmq.com/docs/consumer-prefetch: global means shared by the channel's consumers;
    # from 4.3 on the broker takes it as if it were not global.
    talk = Talk(("broker", introduced(product, version)))
    talk.client(qos(5, 1), consume("q", "c"))
    event = started(talk.broker(QOS_OK, consume_ok("c"))[1:])
    assert (event.prefetch_count, event.channel_prefetch_count) == limits


def test_both_limits_are_in_force_beside_each_other() -> None:
    talk = Talk(("client", qos(5, 1) + qos(2) + consume("q", "c") + qos(0, 1) + consume("q", "d")))
    _, _, first, _, second = talk.broker(QOS_OK, QOS_OK, consume_ok("c"), QOS_OK, consume_ok("d"))
    assert isinstance(first, ConsumerStarted)
    assert isinstance(second, ConsumerStarted)
    assert (first.prefetch_count, first.channel_prefetch_count) == (2, 5)
    assert (second.prefetch_count, second.channel_prefetch_count) == (2, 0)


def test_a_limit_of_a_channel_is_its_own() -> None:
    talk = Talk(("client", qos(5, 1) + consume("q", "c", channel=2)))
    assert started(talk.broker(consume_ok("c", channel=2))).channel_prefetch_count == 0


@pytest.mark.parametrize(("bits", "no_ack"), [(0, False), (1, False), (2, True), (4, False)])
def test_a_consumer_starts(bits: int, no_ack: bool) -> None:
    talk = Talk()
    assert talk.client(consume("q", "c", bits)) == []
    assert talk.broker(consume_ok("c")) == [
        ConsumerStarted(
            **ON,
            queue="q",
            consumer_tag="c",
            no_ack=no_ack,
            prefetch_count=0,
            exclusive=bits == 4,
        )
    ]


@pytest.mark.parametrize(
    ("value", "priority"),
    [(b"I\x00\x00\x00\x05", 5), (b"I\xff\xff\xff\xff", -1), (b"t\x01", 0), (b"S" + long(b"5"), 0)],
)
def test_a_consumer_with_a_priority(value: bytes, priority: int) -> None:
    talk = Talk(("client", consume("q", "c", arguments=short("x-priority") + value)))
    assert started(talk.broker(consume_ok("c"))).priority == priority


def test_a_consumer_that_the_broker_names() -> None:
    talk = Talk(("client", consume("q", "", 2)))
    assert started(talk.broker(consume_ok("amq.ctag-1"))).consumer_tag == "amq.ctag-1"
    assert delivered(talk.broker(deliver(1, b"a", consumer="amq.ctag-1"))).no_ack


def test_a_consumer_that_starts_without_an_answer() -> None:
    talk = Talk()
    assert started(talk.client(consume("q", "c", 0b1010))).no_ack
    assert delivered(talk.broker(deliver(1, b"a"))).queue == "q"


def test_a_consumer_of_the_queue_declared_last() -> None:
    talk = Talk(("client", declare("") + consume("", "c") + get("")))
    _, consumer = talk.broker(declare_ok("amq.gen-1"), consume_ok("c"))
    assert started([consumer]).queue == "amq.gen-1"
    assert delivered(talk.broker(get_ok(1, b"a"))).queue == "amq.gen-1"


def test_deliveries_belong_to_their_consumers() -> None:
    talk = Talk(("client", consume("one", "c1") + consume("two", "c2", 2)))
    talk.broker(consume_ok("c1"), consume_ok("c2"))
    first = delivered(talk.broker(deliver(1, b"a", consumer="c1")))
    second = delivered(talk.broker(deliver(2, b"b", consumer="c2")))
    assert (first.queue, first.consumer_tag, first.no_ack) == ("one", "c1", False)
    assert (second.queue, second.consumer_tag, second.no_ack) == ("two", "c2", True)


def test_equal_consumer_tags_on_two_channels() -> None:
    talk = Talk(("client", consume("one", "c") + consume("two", "c", channel=2)))
    talk.broker(consume_ok("c"), consume_ok("c", channel=2))
    assert delivered(talk.broker(deliver(1, b"a", channel=2))).queue == "two"
    assert delivered(talk.broker(deliver(1, b"a"))).queue == "one"


def test_a_delivery_to_a_consumer_that_was_not_seen() -> None:
    event = delivered(Talk().broker(deliver(1, b"a", consumer="?")))
    assert (event.queue, event.consumer_tag, event.no_ack) == (None, "?", False)


@pytest.mark.parametrize("redelivered", [0, 1])
def test_redelivered(redelivered: int) -> None:
    talk = Talk(("client", get("q")))
    by_deliver = delivered(talk.broker(deliver(1, b"a", redelivered=redelivered)))
    by_get = delivered(talk.broker(get_ok(2, b"a", redelivered)))
    assert by_deliver.redelivered is by_get.redelivered is bool(redelivered)


@pytest.mark.parametrize(("bits", "no_ack"), [(0, False), (1, True)])
def test_a_get(bits: int, no_ack: bool) -> None:
    talk = Talk()
    assert talk.client(get("q", bits)) == []
    assert talk.broker(get_ok(2**40, b"a")) == [
        Delivered(
            **ON,
            task="a",
            queue="q",
            consumer_tag=None,
            delivery_tag=2**40,
            redelivered=False,
            no_ack=no_ack,
            body_bytes=1,
            routing_key="q",
        )
    ]


def test_gets_are_answered_in_their_order() -> None:
    talk = Talk(("client", get("one") + get("two", 1) + get("three")))
    assert delivered(talk.broker(get_ok(1, b"a"))).queue == "one"
    assert talk.broker(GET_EMPTY) == [PollEmpty(**{**ON, "at_ns": 3}, queue="two")]
    assert delivered(talk.broker(get_ok(2, b"a"))).queue == "three"


def test_the_client_cancels() -> None:
    talk = Talk(("client", consume("q", "c")), ("broker", consume_ok("c")))
    assert talk.client(cancel("c")) == []
    assert delivered(talk.broker(deliver(1, b"in flight"))).queue == "q"
    [event] = talk.broker(method(60, 31, short("c")))
    assert event == ConsumerCancelled(**{**ON, "at_ns": 5}, consumer_tag="c", by="client")
    assert delivered(talk.broker(deliver(2, b"after it"))).queue is None


def test_the_client_cancels_without_an_answer() -> None:
    talk = Talk(("client", consume("q", "c", 2)), ("broker", consume_ok("c")))
    [event] = talk.client(cancel("c", 1))
    assert event == ConsumerCancelled(**{**ON, "at_ns": 3}, consumer_tag="c", by="client")
    in_flight = delivered(talk.broker(deliver(1, b"a")))
    assert (in_flight.queue, in_flight.no_ack) == ("q", True)


def test_the_broker_cancels() -> None:
    talk = Talk(("client", consume("q", "c")), ("broker", consume_ok("c")))
    [event] = talk.broker(cancel("c", 1))
    assert event == ConsumerCancelled(**{**ON, "at_ns": 3}, consumer_tag="c", by="broker")
    assert delivered(talk.broker(deliver(1, b"a"))).queue is None


@pytest.mark.parametrize("cancelled", [cancel("c", 1), method(60, 31, short("c"))])
def test_a_consumer_that_was_never_seen_is_cancelled_all_the_same(cancelled: bytes) -> None:
    [event] = Talk().broker(cancelled)
    assert isinstance(event, ConsumerCancelled)


def with_headers(table: str) -> bytes:
    carrier = method(60, 60, short("c"), bytes(8), b"\x00", short(""), short("q"))
    return carrier + header(0, 0x2000, long(golden(table)))


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ('10 "x-delivery-count" 6c 0000000000000003', 3),
        ('10 "x-delivery-count" 49 00000000', 0),
        ('01 "a" 74 01 10 "x-delivery-count" 62 04', 4),
        ('10 "x-delivery-count" 53 00000001 "3"', None),
        ('10 "x-delivery-count" 74 01', None),
        ('01 "a" 74 01', None),
        ("", None),
    ],
)
def test_the_delivery_count_of_a_quorum_queue(table: str, count: int | None) -> None:
    event = delivered(Talk().broker(with_headers(table)))
    assert event.delivery_count == count
    assert type(event.delivery_count) is type(count)


@pytest.mark.parametrize("by_get", [False, True])
def test_where_a_delivery_was_published_to(by_get: bool) -> None:
    fields = (7).to_bytes(8, "big"), b"\x00", short("logs"), short("a.b")
    talk = Talk(("client", get("q")))
    if by_get:
        event = delivered(talk.broker(method(60, 71, *fields, bytes(4)) + content(b"x")))
    else:
        event = delivered(talk.broker(method(60, 60, short("c"), *fields) + content(b"x")))
    assert (event.exchange, event.routing_key, event.delivery_tag) == ("logs", "a.b", 7)


def test_a_poll_of_the_queue_declared_last_that_has_nothing() -> None:
    talk = Talk(("client", declare("") + get("")))
    _, event = talk.broker(declare_ok("amq.gen-1"), GET_EMPTY)
    assert event == PollEmpty(**ON, queue="amq.gen-1")


X_DEATH = '07 "x-death" '


def entry(name: str) -> str:
    """Return an entry of the header: a table with a queue's name."""
    return f'46 {11 + len(name):08x} 05 "queue" 53 {len(name):08x} "{name}"'


def array(*values: str) -> str:
    """Return an array of values, after the count of its bytes."""
    return f"41 {len(golden(' '.join(values))):08x} " + " ".join(values)


@pytest.mark.parametrize(
    ("table", "queue"),
    [
        ("", None),
        (X_DEATH + array(entry("work")), "work"),
        (X_DEATH + array(entry("retry"), entry("work")), "retry"),
        (X_DEATH + array(entry("q" * 255)), "q" * 255),
        (X_DEATH + array(entry("q" * 256)), None),
        (X_DEATH + array('46 0000000b 05 "count" 49 00000001', entry("work")), None),
        (X_DEATH + array('46 00000008 05 "queue" 74 01', entry("work")), None),
        (X_DEATH + array('53 00000004 "work"', entry("work")), None),
        (X_DEATH + array(), None),
        (X_DEATH + entry("work"), None),
        (X_DEATH + '53 00000004 "work"', None),
        ('01 "a" 74 01 ' + X_DEATH + array(entry("work")), "work"),
    ],
)
def test_the_queue_that_a_dead_letter_comes_from(table: str, queue: str | None) -> None:
    assert delivered(Talk().broker(with_headers(table))).dead_lettered_from == queue
