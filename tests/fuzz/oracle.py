"""Frames a second time, written from the specification alone, to compare the decoder with."""

from __future__ import annotations

from dataclasses import dataclass

from filaprova.record.wire import Side

LONGEST_PAYLOAD_BYTES = 16 * 1024 * 1024

METHODS = {
    10: (10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71),
    20: (10, 11, 20, 21, 40, 41),
    30: (10, 11),
    40: (10, 11, 20, 21, 30, 31, 40, 51),
    50: (10, 11, 20, 21, 30, 31, 40, 41, 50, 51),
    60: (10, 11, 20, 21, 30, 31, 40, 50, 60, 70, 71, 72, 80, 90, 100, 110, 111, 120),
    85: (10, 11),
    90: (10, 11, 20, 21, 30, 31),
}
"""The numbers of AMQP 0-9-1 with RabbitMQ's: classes, and the methods of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """A stream in parts: whole frames, then what is no frame (``broken``) or not yet one."""

    whole: list[bytes]
    rest: bytes
    broken: bool


def split(side: Side, stream: bytes, longest: int = LONGEST_PAYLOAD_BYTES) -> Frames:
    """Split all that one side has sent since the connection began."""
    whole: list[bytes] = []
    if side == "client":
        if len(stream) < 8:
            return Frames(whole=whole, rest=stream, broken=False)
        if stream[:8] != b"AMQP\x00\x00\x09\x01":
            return Frames(whole=whole, rest=stream, broken=True)
        whole.append(stream[:8])
        stream = stream[8:]
    while len(stream) >= 7:
        size = int.from_bytes(stream[3:7], "big")
        if not _head_is_sound(stream[0], size, longest):
            return Frames(whole=whole, rest=stream, broken=True)
        frame = stream[: size + 8]
        if len(frame) < size + 8:
            break
        if frame[-1] != 0xCE or (frame[0] == 1 and not _method_is_known(frame)):
            return Frames(whole=whole, rest=stream, broken=True)
        whole.append(frame)
        stream = stream[size + 8 :]
    return Frames(whole=whole, rest=stream, broken=False)


def _head_is_sound(kind: int, size: int, longest: int) -> bool:
    if kind == 8:
        return size == 0
    least = {1: 4, 2: 14, 3: 0}
    return kind in least and least[kind] <= size <= longest


def _method_is_known(frame: bytes) -> bool:
    class_id, method_id = int.from_bytes(frame[7:9], "big"), int.from_bytes(frame[9:11], "big")
    return method_id in METHODS.get(class_id, ())
