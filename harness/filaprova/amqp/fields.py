"""Read the fields of frames by signature: one letter a field, as AMQP 0-9-1 section 4.2.5 has them.

``B`` octet (or up to 8 bits), ``H`` short, ``I`` long, ``Q`` long long, ``s`` short string,
``S`` long string, ``T`` table. The fields must fill their frame exactly. That is why this is not
pika's reader: pika's stops silently at the end of the bytes where a string or a table claims to be
longer, and refuses timestamps beyond the year 9999, which clients that count in milliseconds send.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

TABLE_DEPTH_LIMIT = 32

Table: TypeAlias = dict[str, Any]

_octet = struct.Struct(">B").unpack_from
_short = struct.Struct(">H").unpack_from
_long = struct.Struct(">I").unpack_from
_long_long = struct.Struct(">Q").unpack_from
_decimal = struct.Struct(">Bi").unpack_from


class BadFieldError(Exception):
    """The bytes of a frame are not the fields that it should hold."""


def read_fields(raw: bytes, offset: int, end: int, signature: str) -> list[Any]:
    """Return the fields from ``offset`` on; they must end exactly at ``end``.

    Raises ``BadFieldError``.
    """
    values: list[Any] = []
    try:
        for code in signature:
            if code == "s":
                start = offset + 1
                offset = start + raw[offset]
                values.append(raw[start:offset].decode(errors="backslashreplace"))
            elif code == "B":
                values.append(raw[offset])
                offset += 1
            elif code == "Q":
                values.append(_long_long(raw, offset)[0])
                offset += 8
            elif code == "H":
                values.append(_short(raw, offset)[0])
                offset += 2
            elif code == "I":
                values.append(_long(raw, offset)[0])
                offset += 4
            elif code == "S":
                start = offset + 4
                offset = start + int(_long(raw, offset)[0])
                values.append(raw[start:offset].decode(errors="backslashreplace"))
            else:
                table, offset = _read_table(raw, offset, end, 0)
                values.append(table)
    except (IndexError, struct.error) as error:
        raise BadFieldError("its fields go on past its end") from error
    if offset > end:
        raise BadFieldError("its fields go on past its end")
    if offset < end:
        raise BadFieldError("there is more in it than its fields")
    return values


def _read_table(raw: bytes, offset: int, end: int, depth: int) -> tuple[Table, int]:
    start = offset + 4
    stop = start + int(_long(raw, offset)[0])
    _check_nesting(stop, end, depth)
    table: Table = {}
    offset = start
    while offset < stop:
        name_start = offset + 1
        offset = name_start + raw[offset]
        name = raw[name_start:offset].decode(errors="backslashreplace")
        table[name], offset = _read_value(raw, offset, stop, depth)
    if offset != stop:
        raise BadFieldError("a table's values go on past its end")
    return table, offset


def _read_array(raw: bytes, offset: int, end: int, depth: int) -> tuple[list[Any], int]:
    start = offset + 4
    stop = start + int(_long(raw, offset)[0])
    _check_nesting(stop, end, depth)
    values: list[Any] = []
    offset = start
    while offset < stop:
        value, offset = _read_value(raw, offset, stop, depth)
        values.append(value)
    if offset != stop:
        raise BadFieldError("an array's values go on past its end")
    return values, offset


def _check_nesting(stop: int, end: int, depth: int) -> None:
    if stop > end:
        raise BadFieldError("a table is longer than what holds it")
    if depth >= TABLE_DEPTH_LIMIT:
        raise BadFieldError(f"tables nested more than {TABLE_DEPTH_LIMIT} deep")


def _read_value(raw: bytes, offset: int, end: int, depth: int) -> tuple[Any, int]:
    kind = raw[offset : offset + 1]
    offset += 1
    fixed = _FIXED_SIZE_VALUES.get(kind)
    if fixed is not None:
        size, unpack = fixed
        return unpack(raw, offset)[0], offset + size
    if kind in (b"S", b"x"):
        start = offset + 4
        stop = start + int(_long(raw, offset)[0])
        text = raw[start:stop]
        return (text.decode(errors="backslashreplace") if kind == b"S" else text), stop
    if kind == b"F":
        return _read_table(raw, offset, end, depth + 1)
    if kind == b"A":
        return _read_array(raw, offset, end, depth + 1)
    if kind == b"t":
        return bool(raw[offset]), offset + 1
    if kind == b"V":
        return None, offset
    if kind == b"D":
        scale, digits = _decimal(raw, offset)
        return Decimal(digits).scaleb(-scale), offset + 5
    raise BadFieldError(f"a table holds a value of unknown kind {kind!r}")


# RabbitMQ's kinds, which differ from the specification's: www.rabbitmq.com/amqp-0-9-1-errata.html,
# section 3. A timestamp stays a number of seconds.
_FIXED_SIZE_VALUES: dict[bytes, tuple[int, Callable[[bytes, int], tuple[Any, ...]]]] = {
    kind: (struct.calcsize(layout), struct.Struct(layout).unpack_from)
    for kind, layout in {
        b"b": ">b",
        b"B": ">B",
        b"s": ">h",
        b"U": ">h",
        b"u": ">H",
        b"I": ">i",
        b"i": ">I",
        b"l": ">q",
        b"L": ">q",
        b"T": ">Q",
        b"f": ">f",
        b"d": ">d",
    }.items()
}


def plain_table(table: dict[str, Any]) -> dict[str, str | int | float | bool | None]:
    """Return an argument table as JSON has it; what JSON lacks as text."""
    return {name: _plain(value) for name, value in table.items()}


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)
