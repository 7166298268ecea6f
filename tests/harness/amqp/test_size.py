"""Limits: a body of 16 MiB in bounded memory, and as many channels as RabbitMQ allows."""

from __future__ import annotations

import hashlib
import time
import tracemalloc

from filaprova.amqp.methods.connection import NAME_LIMIT
from filaprova.record.event import Event
from filaprova.record.wire import (
    ConnectionOpened,
    Delivered,
    Published,
    Settled,
)
from tests.harness.amqp.bytes import (
    Talk,
    ack,
    consume,
    consume_ok,
    deliver,
    frame,
    header,
    long,
    method,
    publish,
    qos,
    short,
)

BODY_BYTES = 16 * 1024 * 1024
FRAME_BYTES = 128 * 1024 - 8
READ_BYTES = 64 * 1024
CHANNEL_COUNT = 2047
ASKED = method(60, 40, bytes(2), short(""), short("q"), b"\x00")


def long_body() -> bytes:
    return (hashlib.sha256(b"seed").digest() * (BODY_BYTES // 32))[:BODY_BYTES]


def test_a_body_of_16_mib() -> None:
    body = long_body()
    parts = [body[at : at + FRAME_BYTES] for at in range(0, BODY_BYTES, FRAME_BYTES)]
    stream = b"".join([ASKED, header(BODY_BYTES), *(frame(3, 1, part) for part in parts)])
    talk, events = Talk(), list[Event]()
    tracemalloc.start()
    try:
        for at in range(0, len(stream), READ_BYTES):
            assert events == [], "the event comes with the last chunk"
            events += talk.client(stream[at : at + READ_BYTES])
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    [event] = events
    assert isinstance(event, Published)
    assert event.body_bytes == BODY_BYTES
    assert event.task.endswith("sha256:" + hashlib.sha256(body).hexdigest())
    assert event.task.startswith(body[:256].decode("utf-8", "backslashreplace"))
    assert peak_bytes < 8 * FRAME_BYTES


def test_a_body_of_16_mib_announced_and_never_sent_takes_no_memory() -> None:
    talk = Talk()
    tracemalloc.start()
    try:
        for channel in range(1, 101):
            asked = method(60, 40, bytes(2), short(""), short("q"), b"\x00", channel=channel)
            talk.client(asked, header(BODY_BYTES, channel=channel))
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_body_in_one_frame_of_the_longest_kind() -> None:
    body = long_body()
    talk = Talk(("client", ASKED + header(BODY_BYTES)))
    [event] = talk.client(frame(3, 1, body))
    assert isinstance(event, Published)
    assert event.task.endswith(hashlib.sha256(body).hexdigest())


def test_2047_channels_at_once() -> None:
    channels = range(1, CHANNEL_COUNT + 1)
    talk = Talk()
    talk.client(*(consume(f"q{number}", "c", channel=number) for number in channels))
    talk.broker(*(consume_ok("c", channel=number) for number in channels))
    deliveries = [deliver(1, b"task %d" % number, channel=number) for number in channels]
    # The contents of all channels are mixed: first all methods and headers, then all bodies.
    cuts = [len(data) - len(b"task %d" % number) - 8 for number, data in enumerate(deliveries, 1)]
    assert talk.broker(*(data[:cut] for data, cut in zip(deliveries, cuts, strict=True))) == []
    delivered = talk.broker(*(data[cut:] for data, cut in zip(deliveries, cuts, strict=True)))
    assert [
        (event.channel, event.queue, event.task)
        for event in delivered
        if isinstance(event, Delivered)
    ] == [(number, f"q{number}", f"task {number}") for number in channels]
    settled = talk.client(*(ack(1, channel=number) for number in reversed(channels)))
    assert [(event.channel, event.task) for event in settled if isinstance(event, Settled)] == [
        (number, f"task {number}") for number in reversed(channels)
    ]


def test_the_highest_channel_number() -> None:
    [event] = Talk().client(publish(b"a", channel=65535))
    assert isinstance(event, Published)
    assert event.channel == 65535


def test_what_a_broker_calls_itself_is_cut() -> None:
    """Or each connection.open-ok, a dozen bytes, would put the whole of it on the record again."""
    properties = short("product") + b"S" + long(b"R" * 100_000)
    start = method(10, 10, b"\x00\x09", long(properties), long(b""), long(b""), channel=0)
    [event] = Talk().broker(start, method(10, 41, short(""), channel=0))
    assert isinstance(event, ConnectionOpened)
    assert event.broker_product == "R" * NAME_LIMIT


def test_many_requests_without_an_answer_do_not_slow_the_others_down() -> None:
    """0.1 s of processor time; 15 s if each answer were looked for among all requests."""
    talk = Talk()
    talk.client(consume("q", "c") * 100_000)
    began = time.process_time()
    for _ in range(5_000):
        talk.client(qos(1))
        talk.broker(method(60, 11))
    assert time.process_time() - began < 3.0
