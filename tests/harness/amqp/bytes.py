"""AMQP 0-9-1 bytes for the tests, written without pika, and a conversation to put them into.

``golden`` reads bytes that were written by hand; the other functions put frames together where a
test needs many of them. ``test_golden.py`` shows that both agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from filaprova.amqp.conversation import Conversation
from filaprova.record.event import Event
from filaprova.record.wire import Side

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"

Turn = tuple[Side, bytes]


def golden(text: str) -> bytes:
    """Return bytes given as hex digits and "quoted" ASCII; ``#`` begins a comment."""
    found = bytearray()
    for line in text.splitlines():
        for quoted, digits in re.findall(r'"([^"]*)"|([0-9a-f]+)', line.partition("#")[0]):
            found += quoted.encode("ascii") if quoted else bytes.fromhex(digits)
    return bytes(found)


# ---------------------------------------------------------------- fields and frames


def short(text: str) -> bytes:
    """Return a short string: one octet of length."""
    return bytes([len(text.encode())]) + text.encode()


def long(text: bytes) -> bytes:
    """Return a long string, or a table or array around what is in it: four octets of length."""
    return len(text).to_bytes(4, "big") + text


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """Return a frame: 1 method, 2 content header, 3 body, 8 heartbeat."""
    return bytes([kind]) + channel.to_bytes(2, "big") + long(payload) + b"\xce"


def method(class_id: int, method_id: int, *fields: bytes, channel: int = 1) -> bytes:
    number = class_id.to_bytes(2, "big") + method_id.to_bytes(2, "big")
    return frame(1, channel, number + b"".join(fields))


def header(body_bytes: int, flags: int = 0, *properties: bytes, channel: int = 1) -> bytes:
    """Return the content header of a body; the flags say which properties follow."""
    fixed = b"\x00\x3c\x00\x00" + body_bytes.to_bytes(8, "big") + flags.to_bytes(2, "big")
    return frame(2, channel, fixed + b"".join(properties))


def content(body: bytes, *, channel: int = 1, message_id: str = "") -> bytes:
    properties = (0x0080, short(message_id)) if message_id else ()
    part = frame(3, channel, body) if body else b""
    return header(len(body), *properties, channel=channel) + part


def tagged(method_id: int, tag: int, bits: int = 0, *, channel: int = 1) -> bytes:
    return method(60, method_id, tag.to_bytes(8, "big"), bytes([bits]), channel=channel)


# ---------------------------------------------------------------- methods that many tests use


def declare(queue: str, bits: int = 0, table: bytes = b"", *, channel: int = 1) -> bytes:
    return method(50, 10, bytes(2), short(queue), bytes([bits]), long(table), channel=channel)


def declare_ok(queue: str, ready: int = 0, consumers: int = 0, *, channel: int = 1) -> bytes:
    counts = ready.to_bytes(4, "big") + consumers.to_bytes(4, "big")
    return method(50, 11, short(queue), counts, channel=channel)


def qos(prefetch: int, bits: int = 0) -> bytes:
    return method(60, 10, bytes(4), prefetch.to_bytes(2, "big"), bytes([bits]))


def consume(
    queue: str, tag: str, bits: int = 0, *, arguments: bytes = b"", channel: int = 1
) -> bytes:
    """Bits: 1 no-local, 2 no-ack, 4 exclusive, 8 no-wait."""
    return method(
        60, 20, bytes(2), short(queue), short(tag), bytes([bits]), long(arguments), channel=channel
    )


def consume_ok(tag: str, *, channel: int = 1) -> bytes:
    return method(60, 21, short(tag), channel=channel)


def publish(
    body: bytes, *, channel: int = 1, queue: str = "q", bits: int = 0, message_id: str = ""
) -> bytes:
    asked = method(60, 40, bytes(2), short(""), short(queue), bytes([bits]), channel=channel)
    return asked + content(body, channel=channel, message_id=message_id)


def deliver(
    tag: int,
    body: bytes,
    *,
    consumer: str = "c",
    redelivered: int = 0,
    channel: int = 1,
    message_id: str = "",
) -> bytes:
    fields = short(consumer), tag.to_bytes(8, "big"), bytes([redelivered]), short(""), short("q")
    carrier = method(60, 60, *fields, channel=channel)
    return carrier + content(body, channel=channel, message_id=message_id)


def ack(tag: int, *, multiple: bool = False, channel: int = 1) -> bytes:
    return tagged(80, tag, int(multiple), channel=channel)


def nack(tag: int, *, multiple: bool = False, requeue: bool = False, channel: int = 1) -> bytes:
    return tagged(120, tag, int(multiple) | int(requeue) << 1, channel=channel)


def reject(tag: int, *, requeue: bool = False) -> bytes:
    return tagged(90, tag, int(requeue))


CONFIRM_SELECT = method(85, 10, b"\x00")
CONFIRM_SELECT_OK = method(85, 11)
CHANNEL_OPEN = method(20, 10, short(""))
CHANNEL_OPEN_OK = method(20, 11, long(b""))


# ---------------------------------------------------------------- a conversation


class Talk:
    """A conversation of client C1 on connection 7 whose sides speak in turn, each turn 1 ns."""

    def __init__(self, *turns: Turn, begun: bool = True) -> None:
        """Say the turns; ``begun``: the protocol header has been sent before them."""
        self.conversation = Conversation("C1", 7)
        self.at_ns = 0
        if begun:
            self.conversation.receive("client", PROTOCOL_HEADER, 0)
        for turn in turns:
            self.say(*turn)

    def say(self, side: Side, data: bytes) -> list[Event]:
        self.at_ns += 1
        return self.conversation.receive(side, data, self.at_ns)

    def client(self, *frames: bytes) -> list[Event]:
        return self.say("client", b"".join(frames))

    def broker(self, *frames: bytes) -> list[Event]:
        return self.say("broker", b"".join(frames))


def events_of(turns: Iterable[Turn], *, begun: bool = False) -> list[Event]:
    """Return the events of a whole conversation, all of them at 0 ns."""
    conversation = Conversation("C1", 7)
    if begun:
        conversation.receive("client", PROTOCOL_HEADER, 0)
    return [event for side, data in turns for event in conversation.receive(side, data, 0)]
