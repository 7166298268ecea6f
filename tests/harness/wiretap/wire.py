"""Frames as pika writes them, and sockets with a limit on every wait."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

from pika import frame, spec

from filaprova.address import Address

TIMEOUT_S = 20.0
HEADER = b"AMQP\x00\x00\x09\x01"
OPEN_CHANNEL = HEADER + frame.Method(1, spec.Channel.Open()).marshal()
HEARTBEAT = frame.Heartbeat().marshal()


def method(arguments: object, channel: int = 1) -> bytes:
    return frame.Method(channel, arguments).marshal()


def content(body: bytes, channel: int = 1) -> bytes:
    header = frame.Header(channel, len(body), spec.BasicProperties()).marshal()
    return header + (frame.Body(channel, body).marshal() if body else b"")


def publish(body: bytes, queue: str = "q") -> bytes:
    return method(spec.Basic.Publish(exchange="", routing_key=queue)) + content(body)


def deliver(tag: int, body: bytes) -> bytes:
    return method(spec.Basic.Deliver("ctag", tag, False, "", "q")) + content(body)


def ack(tag: int) -> bytes:
    return method(spec.Basic.Ack(tag))


def chunks(data: bytes, seed: int, most_bytes: int = 100_000) -> Iterator[bytes]:
    """Cut bytes into pieces of random sizes, many of them tiny."""
    sizes = random.Random(seed)
    offset = 0
    while offset < len(data):
        size = sizes.choice((1, 2, 7, sizes.randint(1, 200), sizes.randint(1, most_bytes)))
        yield data[offset : offset + size]
        offset += size


def connect(address: Address) -> socket.socket:
    return socket.create_connection(address, timeout=TIMEOUT_S)


def read(connection: socket.socket, size_bytes: int) -> bytes:
    """Return exactly so many bytes, or fewer if the stream ends."""
    data = bytearray()
    while len(data) < size_bytes and (part := connection.recv(size_bytes - len(data))):
        data += part
    return bytes(data)


def read_to_end(connection: socket.socket) -> bytes:
    data = bytearray()
    while part := connection.recv(1 << 20):
        data += part
    return bytes(data)
