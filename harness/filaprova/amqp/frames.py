"""Bytes -> frames: where each frame of a byte stream begins and ends, and what it holds.

Frame format: AMQP 0-9-1 section 4.2.3; methods and their arguments: the specification's class
reference with RabbitMQ's additions. The names of all methods are taken from pika.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec
from pika import spec

from filaprova.amqp.fields import BadFieldError, read_fields

MAX_FRAME_BYTES = 16 * 1024 * 1024
"""The longest payload of a frame; RabbitMQ's are 128 KiB unless its ``frame_max`` is raised."""

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
SHOWN_BYTES = 11
"""How much of an undecodable frame is shown: as much as holds its head and the number of its
method, and too little to show a password."""

Kind: TypeAlias = Literal["method", "header", "body", "heartbeat", "protocol header"]


class UndecodableBytesError(Exception):
    """Bytes are not AMQP 0-9-1: ``reason`` is what is wrong with them, ``shown`` how they begin.

    ``frames`` are the frames that came whole before them in the same ``receive``; ``rest`` is
    everything from the undecodable bytes on, for whoever has to forward it.
    """

    def __init__(
        self, reason: str, shown: bytes, *, frames: Sequence[Frame] = (), rest: bytes = b""
    ) -> None:
        super().__init__(f"{reason} ({shown.hex(' ')} …)")
        self.reason = reason
        self.shown = shown
        self.frames = frames
        self.rest = rest


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One whole frame; ``raw`` is exactly what came."""

    kind: Kind
    channel: int
    method: str
    """For example ``basic.deliver``; empty for every other kind of frame."""
    raw: bytes

    @property
    def payload(self) -> bytes:
        """Return what is between the frame's head and its end mark."""
        return self.raw[7:-1]

    def arguments(self) -> list[Any]:
        """Return the arguments of a method, in the specification's order, bits as one number.

        Raises ``UndecodableBytesError`` for arguments that are broken.
        """
        return self._fields(11, _ARGUMENTS[self.method])

    def content_header(self) -> tuple[int, dict[str, Any]]:
        """Return the size of the body and those properties that are set, by name.

        Raises ``UndecodableBytesError`` for a header that is broken.
        """
        class_id, _, body_bytes, flags = _content_header(self.raw, 7)
        if class_id != _BASIC or flags & 0b11:
            raise UndecodableBytesError("a content header of an unknown class", self._shown())
        present = [(name, code) for bit, name, code in _PROPERTIES if flags & bit]
        values = self._fields(21, "".join([code for _, code in present]))
        return body_bytes, {name: value for (name, _), value in zip(present, values, strict=True)}

    def _fields(self, offset: int, signature: str) -> list[Any]:
        try:
            return read_fields(self.raw, offset, len(self.raw) - 1, signature)
        except BadFieldError as error:
            what = self.method or "content header"
            raise UndecodableBytesError(f"a broken {what}: {error}", self._shown()) from error

    def _shown(self) -> bytes:
        return self.raw[:SHOWN_BYTES]


class FrameReader:
    """Cut the byte stream of one direction into frames."""

    def __init__(
        self, *, expects_protocol_header: bool, max_frame_bytes: int = MAX_FRAME_BYTES
    ) -> None:
        """Start at the beginning of a stream; a client's begins with a protocol header."""
        self._kinds: dict[int, tuple[Kind, int, int]] = {
            spec.FRAME_METHOD: ("method", 4, max_frame_bytes),
            spec.FRAME_HEADER: ("header", 14, max_frame_bytes),
            spec.FRAME_BODY: ("body", 0, max_frame_bytes),
            spec.FRAME_HEARTBEAT: ("heartbeat", 0, 0),
        }
        self._expects_protocol_header = expects_protocol_header
        self._pending = bytearray()
        self._wanted_bytes: int  # as soon as anything is pending
        self._failure: tuple[str, bytes] | None = None

    @property
    def remainder_bytes(self) -> int:
        """Return how many bytes have come in that do not make a whole frame yet."""
        return len(self._pending)

    def receive(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes.

        Raises ``UndecodableBytesError`` for bytes that are no frame, and again for whatever comes
        after them; nothing is kept any more then.
        """
        if self._failure is not None:
            raise UndecodableBytesError(*self._failure, rest=data)
        if self._pending:
            self._pending += data
            if len(self._pending) < self._wanted_bytes:
                return []
            data = bytes(self._pending)
            self._pending.clear()
        frames: list[Frame] = []
        offset = 0
        try:
            if self._expects_protocol_header:
                offset = self._read_protocol_header(data, frames)
            if not self._expects_protocol_header:
                offset = self._read_frames(data, offset, frames)
        except UndecodableBytesError as error:
            error.frames = frames
            error.rest = data[sum(len(frame.raw) for frame in frames) :]
            self._failure = error.reason, error.shown
            raise
        self._pending += data[offset:]
        return frames

    def forget(self) -> None:
        """Let go of what has come in; for whoever reads no further."""
        self._pending.clear()

    def _read_protocol_header(self, data: bytes, frames: list[Frame]) -> int:
        size = len(PROTOCOL_HEADER)
        if len(data) < size:
            self._wanted_bytes = size
            return 0
        header = data[:size]
        if header != PROTOCOL_HEADER:
            raise UndecodableBytesError("it does not begin with the header of AMQP 0-9-1", header)
        self._expects_protocol_header = False
        frames.append(Frame("protocol header", 0, "", header))
        return size

    def _read_frames(self, data: bytes, offset: int, frames: list[Frame]) -> int:
        available = len(data)
        while available - offset >= 7:
            type_, channel, payload_bytes = _frame_head(data, offset)
            known = self._kinds.get(type_)
            if known is None:
                raise _unknown_type(data[offset : offset + 7])
            kind, least_bytes, most_bytes = known
            if not least_bytes <= payload_bytes <= most_bytes:
                raise UndecodableBytesError(
                    f"a {kind} frame that claims to hold {payload_bytes} bytes",
                    data[offset : offset + 7],
                )
            end = offset + payload_bytes + 8
            if end > available:
                self._wanted_bytes = end - offset
                return offset
            raw = data[offset:end]
            if raw[-1] != _FRAME_END:
                raise UndecodableBytesError(
                    f"a {kind} frame of {payload_bytes} bytes ends with {raw[-1]:#04x} "
                    f"instead of {_FRAME_END:#04x}",
                    raw[:SHOWN_BYTES],
                )
            method = _METHODS.get(raw[7:11]) if kind == "method" else ""
            if method is None:
                raise UndecodableBytesError("a method of unknown number", raw[:SHOWN_BYTES])
            frames.append(Frame(kind, channel, method, raw))
            offset = end
        self._wanted_bytes = 7
        return offset


def _unknown_type(head: bytes) -> UndecodableBytesError:
    if head.startswith(b"AMQP"):
        return UndecodableBytesError("a protocol header instead of a frame", head)
    return UndecodableBytesError(f"a frame of unknown type {head[0]}", head)


_frame_head = struct.Struct(">BHI").unpack_from
_content_header = struct.Struct(">HHQH").unpack_from

_FRAME_END: int = spec.FRAME_END
_BASIC: int = spec.BasicProperties.INDEX


_METHODS = {
    number.to_bytes(4, "big"): re.sub(r"(?<=[a-z])(?=[A-Z])", "-", method.NAME).lower()
    for number, method in spec.methods.items()
}

_ARGUMENTS = {
    "connection.start": "BBTSS",
    "connection.start-ok": "TsSs",
    "connection.secure": "S",
    "connection.secure-ok": "S",
    "connection.tune": "HIH",
    "connection.tune-ok": "HIH",
    "connection.open": "ssB",
    "connection.open-ok": "s",
    "connection.close": "HsHH",
    "connection.close-ok": "",
    "connection.blocked": "s",
    "connection.unblocked": "",
    "connection.update-secret": "Ss",
    "connection.update-secret-ok": "",
    "channel.open": "s",
    "channel.open-ok": "S",
    "channel.flow": "B",
    "channel.flow-ok": "B",
    "channel.close": "HsHH",
    "channel.close-ok": "",
    "access.request": "sB",
    "access.request-ok": "H",
    "exchange.declare": "HssBT",
    "exchange.declare-ok": "",
    "exchange.delete": "HsB",
    "exchange.delete-ok": "",
    "exchange.bind": "HsssBT",
    "exchange.bind-ok": "",
    "exchange.unbind": "HsssBT",
    "exchange.unbind-ok": "",
    "queue.declare": "HsBT",
    "queue.declare-ok": "sII",
    "queue.bind": "HsssBT",
    "queue.bind-ok": "",
    "queue.purge": "HsB",
    "queue.purge-ok": "I",
    "queue.delete": "HsB",
    "queue.delete-ok": "I",
    "queue.unbind": "HsssT",
    "queue.unbind-ok": "",
    "basic.qos": "IHB",
    "basic.qos-ok": "",
    "basic.consume": "HssBT",
    "basic.consume-ok": "s",
    "basic.cancel": "sB",
    "basic.cancel-ok": "s",
    "basic.publish": "HssB",
    "basic.return": "Hsss",
    "basic.deliver": "sQBss",
    "basic.get": "HsB",
    "basic.get-ok": "QBssI",
    "basic.get-empty": "s",
    "basic.ack": "QB",
    "basic.reject": "QB",
    "basic.recover-async": "B",
    "basic.recover": "B",
    "basic.recover-ok": "",
    "basic.nack": "QB",
    "tx.select": "",
    "tx.select-ok": "",
    "tx.commit": "",
    "tx.commit-ok": "",
    "tx.rollback": "",
    "tx.rollback-ok": "",
    "confirm.select": "B",
    "confirm.select-ok": "",
}
# The letters are those of ``read_fields``; fields that are bits share one octet.

# Each with its bit among the flags (AMQP 0-9-1 section 4.2.6.1), in the order of the fields.
_PROPERTIES = [
    (0x8000, "content_type", "s"),
    (0x4000, "content_encoding", "s"),
    (0x2000, "headers", "T"),
    (0x1000, "delivery_mode", "B"),
    (0x0800, "priority", "B"),
    (0x0400, "correlation_id", "s"),
    (0x0200, "reply_to", "s"),
    (0x0100, "expiration", "s"),
    (0x0080, "message_id", "s"),
    (0x0040, "timestamp", "Q"),
    (0x0020, "type", "s"),
    (0x0010, "user_id", "s"),
    (0x0008, "app_id", "s"),
    (0x0004, "cluster_id", "s"),
]
