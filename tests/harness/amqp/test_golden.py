"""One whole session in golden bytes, and what must be read out of it."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.record.event import Event
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    ChannelEvent,
    ChannelOpened,
    Confirmed,
    ConfirmsSelected,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    PrefetchSet,
    Published,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Returned,
    Settled,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
    Unbound,
)
from tests.harness.amqp import bytes as wire
from tests.harness.amqp.session import SESSION

ON: dict[str, Any] = {"at_ns": 0, "client": "C1", "connection": 7}
ON_1: dict[str, Any] = {**ON, "channel": 1}
ON_2: dict[str, Any] = {**ON, "channel": 2}
OF_QUEUE: dict[str, Any] = {**ON_1, "queue": "work_queues"}
DELIVERED: dict[str, Any] = {**OF_QUEUE, "routing_key": "work_queues"}
BOUND: dict[str, Any] = {**ON_1, "source": "amq.topic", "destination": "logs", "routing_key": "#"}
QUEUE_BOUND: dict[str, Any] = {
    **ON_1,
    "source": "logs",
    "destination": "work_queues",
    "routing_key": "a.*.b",
}

EXPECTED: list[Event] = [
    ConnectionOpened(
        **ON,
        vhost="/",
        heartbeat_s=30,
        frame_max_bytes=65536,
        broker_product="RabbitMQ",
        broker_version="3.12.1",
        client_product="pika",
        client_version="1.3.2",
    ),
    ConnectionBlocked(**ON, reason="low on memory"),
    ConnectionUnblocked(**ON),
    ChannelOpened(**ON_1),
    QueueDeclared(
        **ON_1,
        queue="work_queues",
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=3,
        consumer_count=1,
        arguments={"x-max-length": 10},
    ),
    ExchangeDeclared(
        **ON_1,
        exchange="logs",
        kind="topic",
        passive=False,
        durable=True,
        auto_delete=True,
        arguments={"a": True},
    ),
    Bound(**BOUND, to_exchange=True),
    Bound(**QUEUE_BOUND),
    Unbound(**QUEUE_BOUND),
    Unbound(**BOUND, to_exchange=True),
    ExchangeDeleted(**ON_1, exchange="logs"),
    TransactionSelected(**ON_2),
    TransactionCommitted(**ON_2),
    TransactionRolledBack(**ON_2),
    ConfirmsSelected(**ON_1),
    Published(
        **ON_1,
        task="t7",
        exchange="",
        routing_key="work_queues",
        persistent=True,
        mandatory=False,
        body_bytes=6,
        publish_tag=1,
        body="task 7",
    ),
    Published(
        **ON_1,
        task="lost",
        exchange="",
        routing_key="nowhere",
        persistent=False,
        mandatory=True,
        body_bytes=4,
        publish_tag=2,
    ),
    Returned(**ON_1, task="lost", code=312, text="NO_ROUTE"),
    PublishRefused(**ON_1, task="t7", publish_tag=1),
    Confirmed(**ON_1, task="lost", publish_tag=2),
    PrefetchSet(**ON_1, prefetch_count=1, is_global=False),
    ConsumerStarted(
        **ON_1, queue="work_queues", consumer_tag="ctag1", no_ack=False, prefetch_count=1
    ),
    Delivered(
        **DELIVERED,
        task="ø\\xff",
        consumer_tag="ctag1",
        delivery_tag=1,
        redelivered=True,
        no_ack=False,
        body_bytes=3,
        delivery_count=2,
    ),
    Settled(**OF_QUEUE, task="ø\\xff", delivery_tag=1, how="ack"),
    ConsumerCancelled(**ON_1, consumer_tag="ctag1", by="client"),
    Delivered(
        **DELIVERED,
        task="",
        consumer_tag=None,
        delivery_tag=2,
        redelivered=False,
        no_ack=False,
        body_bytes=0,
    ),
    Delivered(
        **DELIVERED,
        task="x",
        consumer_tag=None,
        delivery_tag=3,
        redelivered=True,
        no_ack=True,
        body_bytes=1,
    ),
    PollEmpty(**OF_QUEUE),
    Settled(**OF_QUEUE, task="", delivery_tag=2, how="reject", requeue=True),
    Settled(**ON_1, task=None, delivery_tag=0, how="nack", requeue=True, multiple=True),
    QueuePurged(**ON_1, queue="work_queues", message_count=2),
    QueueDeleted(**ON_1, queue="work_queues", message_count=5),
    ChannelClosed(**ON_1, by="broker", code=406, text="PRECONDITION"),
    ConnectionClosed(**ON, by="client", code=200, text="Normal shutdown"),
]


def test_a_whole_session() -> None:
    assert wire.events_of(SESSION) == EXPECTED


def test_an_event_carries_the_time_of_the_bytes_that_complete_it() -> None:
    talk = wire.Talk()
    published = wire.publish(b"abc")
    assert talk.conversation.receive("client", published[:-1], 41) == []
    [event] = talk.conversation.receive("client", published[-1:], 42)
    assert event.at_ns == 42


def test_the_session_shows_every_kind_of_event_that_bytes_can_give() -> None:
    from_bytes = {
        *ChannelEvent.__subclasses__(),
        *(ConnectionOpened, ConnectionClosed, ConnectionBlocked, ConnectionUnblocked),
    }
    assert {type(event) for event in EXPECTED} == from_bytes


@pytest.mark.parametrize(
    ("built", "by_hand"),
    [
        (wire.declare("q", 2), '01 0001 0000000d 0032 000a 0000 01 "q" 02 00000000 ce'),
        (wire.declare_ok("q", 3, 1), '01 0001 0000000e 0032 000b 01 "q" 00000003 00000001 ce'),
        (wire.qos(258, 1), "01 0001 0000000b 003c 000a 00000000 0102 01 ce"),
        (
            wire.consume("q", "c", 2, channel=3),
            '01 0003 0000000f 003c 0014 0000 01 "q" 01 "c" 02 00000000 ce',
        ),
        (wire.consume_ok("c"), '01 0001 00000006 003c 0015 01 "c" ce'),
        (
            wire.publish(b"ab", message_id="m"),
            """01 0001 0000000a 003c 0028 0000 00 01 "q" 00 ce
               02 0001 00000010 003c 0000 0000000000000002 0080 01 "m" ce
               03 0001 00000002 "ab" ce""",
        ),
        (
            wire.deliver(9, b"a", redelivered=1),
            """01 0001 00000012 003c 003c 01 "c" 0000000000000009 01 00 01 "q" ce
               02 0001 0000000e 003c 0000 0000000000000001 0000 ce
               03 0001 00000001 "a" ce""",
        ),
        (wire.ack(2, multiple=True), "01 0001 0000000d 003c 0050 0000000000000002 01 ce"),
        (wire.nack(2, requeue=True), "01 0001 0000000d 003c 0078 0000000000000002 02 ce"),
        (wire.reject(2, requeue=True), "01 0001 0000000d 003c 005a 0000000000000002 01 ce"),
        (wire.CONFIRM_SELECT, "01 0001 00000005 0055 000a 00 ce"),
        (wire.CONFIRM_SELECT_OK, "01 0001 00000004 0055 000b ce"),
        (wire.CHANNEL_OPEN, "01 0001 00000005 0014 000a 00 ce"),
        (wire.CHANNEL_OPEN_OK, "01 0001 00000008 0014 000b 00000000 ce"),
    ],
)
def test_the_tests_own_frames_are_the_ones_written_by_hand(built: bytes, by_hand: str) -> None:
    assert built == wire.golden(by_hand)
