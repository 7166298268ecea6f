"""The fields of a frame, above all tables: each kind of value, nesting, and what is broken."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import pytest

from filaprova.amqp.fields import TABLE_DEPTH_LIMIT, BadFieldError, read_fields
from tests.harness.amqp.bytes import golden, long


def read(data: bytes, signature: str = "T") -> list[Any]:
    """Read fields that lie between other bytes, as in a frame."""
    return read_fields(b"\x99" * 3 + data + b"\xce", 3, 3 + len(data), signature)


def test_every_plain_field() -> None:
    data = golden('07 0102 01020304 0102030405060708 02 "ab" 00000003 "abc" 00000000')
    assert read(data, "BHIQsST") == [
        7,
        0x0102,
        0x01020304,
        0x0102030405060708,
        "ab",
        "abc",
        {},
    ]


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("74 00", False),
        ("74 01", True),
        ("62 ff", -1),
        ("42 ff", 255),
        ("73 fffe", -2),
        ("55 fffe", -2),
        ("75 fffe", 65534),
        ("49 fffffffd", -3),
        ("69 fffffffd", 4294967293),
        ("6c fffffffffffffffc", -4),
        ("4c fffffffffffffffc", -4),
        ("66 3fc00000", 1.5),
        ("64 3ff8000000000000", 1.5),
        ("44 02 0000007b", Decimal("1.23")),
        ("44 00 ffffffff", Decimal(-1)),
        ('53 00000003 "abc"', "abc"),
        ("53 00000001 ff", "\\xff"),
        ("78 00000002 00ff", b"\x00\xff"),
        ("54 ffffffffffffffff", 2**64 - 1),
        ("56", None),
        ("41 00000000", []),
        ("41 00000007 56 49 00000001 56", [None, 1, None]),
        ("46 00000000", {}),
        ('46 00000004 01 "b" 74 01', {"b": True}),
        ('41 00000009 46 00000004 01 "b" 74 01', [{"b": True}]),
    ],
)
def test_every_kind_of_table_value(value: str, meaning: object) -> None:
    data = golden(f'01 "a" {value} 01 "z" 42 05')
    [table] = read(long(data))
    assert table == {"a": meaning, "z": 5}
    assert type(table["a"]) is type(meaning)


def nested(depth: int, around: bytes = b"F") -> bytes:
    """Return a table that holds tables or arrays until there are ``depth`` in all."""
    inner = b""
    for _ in range(depth - 1):
        name = b"" if around == b"A" else b"\x01a"
        inner = name + around + long(inner)
    return long(b"\x01a" + inner if around == b"A" and inner else inner)


@pytest.mark.parametrize("around", [b"F", b"A"])
def test_nesting_has_a_limit(around: bytes) -> None:
    read(nested(TABLE_DEPTH_LIMIT, around))
    for depth in (TABLE_DEPTH_LIMIT + 1, 5000):
        with pytest.raises(BadFieldError, match=r"^tables nested more than 32 deep$"):
            read(nested(depth, around))


@pytest.mark.parametrize(
    ("data", "signature", "reason"),
    [
        ("", "B", "its fields go on past its end"),
        ("00", "H", "its fields go on past its end"),
        ("000000", "I", "its fields go on past its end"),
        ("00000000000000", "Q", "its fields go on past its end"),
        ('03 "ab"', "s", "its fields go on past its end"),
        ('02 "ab" 00', "s", "there is more in it than its fields"),
        ('00000003 "ab"', "S", "its fields go on past its end"),
        ("000000", "T", "a table is longer than what holds it"),
        ("00000001", "T", "a table is longer than what holds it"),
        ('00000002 02 "a"', "T", "a table holds a value of unknown kind b''"),
        ('00000003 01 "a" 3f', "T", "a table holds a value of unknown kind b'?'"),
        ('00000004 01 "a" 49 00 000001', "T", "a table's values go on past its end"),
        ('00000008 01 "a" 53 00000009 00', "T", "a table's values go on past its end"),
        ('00000008 01 "a" 46 00000005', "T", "a table is longer than what holds it"),
        ('00000008 01 "a" 41 00000002 49 00', "T", "a table is longer than what holds it"),
        ('00000009 01 "a" 41 00000001 42 05', "T", "an array's values go on past its end"),
        ('00000002 01 "a" 74', "T", "a table's values go on past its end"),
    ],
)
def test_broken_fields(data: str, signature: str, reason: str) -> None:
    with pytest.raises(BadFieldError) as broken:
        read(golden(data), signature)
    assert str(broken.value) == reason


@pytest.mark.parametrize("signature", "BHIQsST")
def test_fields_of_which_nothing_came(signature: str) -> None:
    with pytest.raises(BadFieldError) as broken:
        read_fields(b"", 0, 0, signature)
    assert str(broken.value) == "its fields go on past its end"


def test_a_field_never_reads_the_end_mark_of_its_frame() -> None:
    for layout, signature in ((">B", "B"), (">H", "H"), (">I", "I"), (">Q", "Q")):
        with pytest.raises(BadFieldError):
            read(bytes(struct.calcsize(layout) - 1), signature)
    with pytest.raises(BadFieldError):
        read(golden('00000003 01 "a" 42'))
