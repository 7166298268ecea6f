"""Measure how fast wire bytes become events: ``python benchmarks/decode.py``.

Two streams, encoded by pika as its clients and RabbitMQ write them: a publisher with confirms, and
a consumer that acknowledges each task. They come in chunks of 64 KiB, as the wiretap reads them.
For comparison the same bytes go through pika's own frame decoder, which makes no events; the ratio
says how many times as fast we are, events included.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from pika import frame, spec

from filaprova.amqp.conversation import Conversation
from filaprova.record.wire import Side

MESSAGE_COUNT = 100_000
CHUNK_BYTES = 64 * 1024
ROUNDS = 5


def method(method: object) -> bytes:
    return bytes(frame.Method(1, method).marshal())


def content(body: bytes) -> bytes:
    header = frame.Header(1, len(body), spec.BasicProperties(delivery_mode=2))
    return bytes(header.marshal() + frame.Body(1, body).marshal())


def body(number: int) -> bytes:
    return b"2024-01-01 00:00:00.000000 %6d ..." % number


def publish_stream() -> tuple[bytes, bytes]:
    publish = method(spec.Basic.Publish(exchange="", routing_key="work_queues"))
    numbers = range(1, MESSAGE_COUNT + 1)
    client = b"AMQP\x00\x00\x09\x01" + method(spec.Channel.Open()) + method(spec.Confirm.Select())
    client += b"".join(publish + content(body(number)) for number in numbers)
    broker = b"".join(method(spec.Basic.Ack(number)) for number in numbers)
    return client, broker


def consume_stream() -> tuple[bytes, bytes]:
    numbers = range(1, MESSAGE_COUNT + 1)
    client = b"AMQP\x00\x00\x09\x01" + method(spec.Channel.Open())
    client += method(spec.Basic.Consume(queue="work_queues", consumer_tag="ctag1"))
    client += b"".join(method(spec.Basic.Ack(number)) for number in numbers)
    broker = method(spec.Basic.ConsumeOk("ctag1")) + b"".join(
        method(spec.Basic.Deliver("ctag1", number, False, "", "work_queues"))
        + content(body(number))
        for number in numbers
    )
    return client, broker


def events_counted(client: bytes, broker: bytes) -> int:
    """Decode both directions as the wiretap does; return how many events they gave."""
    conversation = Conversation("benchmark", 1)
    sides: list[tuple[Side, bytes]] = [("client", client), ("broker", broker)]
    count = 0
    for side, stream in sides:
        for offset in range(0, len(stream), CHUNK_BYTES):
            count += len(conversation.receive(side, stream[offset : offset + CHUNK_BYTES], 0))
    return count


def frames_counted_by_pika(client: bytes, broker: bytes) -> int:
    """Decode both directions with pika, from a buffer that is cut as pika's connection cuts it."""
    count = 0
    for stream in (client, broker):
        buffer = b""
        for offset in range(0, len(stream), CHUNK_BYTES):
            buffer += stream[offset : offset + CHUNK_BYTES]
            while buffer:
                consumed, seen = frame.decode_frame(buffer)
                if seen is None:
                    break
                buffer = buffer[consumed:]
                count += 1
    return count


def best(act: Callable[[bytes, bytes], int], streams: tuple[bytes, bytes]) -> tuple[int, float]:
    """Return what ``act`` counts and the seconds of the fastest of ``ROUNDS`` rounds."""
    seconds: list[float] = []
    count = 0
    for _ in range(ROUNDS):
        gc.collect()
        began = time.perf_counter()
        count = act(*streams)
        seconds.append(time.perf_counter() - began)
    return count, min(seconds)


def measure(name: str, streams: tuple[bytes, bytes], event_count: int) -> None:
    """Print one stream's line; ``event_count`` is what it must give."""
    events, ours_s = best(events_counted, streams)
    assert events == event_count, f"{name}: {events} events instead of {event_count}"
    frames, pika_s = best(frames_counted_by_pika, streams)
    print(
        f"{name:<8} {events / ours_s:>12,.0f} events/s {frames / ours_s:>12,.0f} frames/s"
        f"   pika alone {frames / pika_s:>12,.0f} frames/s   ratio {pika_s / ours_s:.2f}"
    )


def main() -> None:
    megabytes = sum(map(len, publish_stream() + consume_stream())) / 1e6
    print(
        f"{MESSAGE_COUNT:,} messages a stream, {megabytes:.0f} MB in all, best of {ROUNDS} rounds"
    )
    measure("publish", publish_stream(), 2 * MESSAGE_COUNT)
    measure("consume", consume_stream(), 2 * MESSAGE_COUNT + 1)


if __name__ == "__main__":
    main()
