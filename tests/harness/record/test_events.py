"""Events: every kind can be written to a history and read back; one text form of a body."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from filaprova.phrase import say
from filaprova.record.event import (
    BODY_TEXT_LIMIT_BYTES,
    Event,
    body_text,
    long_body_text,
)
from filaprova.record.events import AnyEvent
from filaprova.record.wire import ChannelEvent, Settled, WireEvent

BASES = {WireEvent, ChannelEvent}
"""Events that only others are made from."""

SAMPLES: dict[str, list[Any]] = {
    "int": [0, 2**40],
    "str": ['aå\n"\\', ""],
    "bool": [True, False],
    "float": [0.25, 0.0],
    "list[str]": [["a", "b\n"], []],
    "dict[str, str]": [{"a": "ç"}, {}],
    "int | None": [7, None],
    "str | None": ["text", None],
    "bool | None": [False, None],
    "Worded | None": [say("{} of {:.1f} s", say("a wait"), 1.5).worded(), None],
    "Side": ["client", "broker"],
    "dict[str, str | int | float | bool | None]": [
        {"s": "1", "i": 2**64 - 1, "f": 1.5, "b": True, "n": None},
        {},
    ],
}


def kinds(base: type[Event] = Event) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


EVENTS = sorted(set(kinds()) - BASES, key=lambda kind: kind.__name__)


def samples(annotation: Any) -> list[Any]:
    if str(annotation).startswith("Literal["):
        return [text.strip("\"' ") for text in annotation[len("Literal[") : -1].split(",")]
    return SAMPLES[annotation]


def fields_of(kind: type[Event]) -> dict[str, str]:
    found: dict[str, str] = {}
    for parent in reversed(kind.__mro__):
        found |= inspect.get_annotations(parent)
    return {name: found[name] for name in kind.__struct_fields__}


def test_no_kind_of_event_is_missing_from_the_union() -> None:
    assert set(EVENTS) == set(get_args(AnyEvent))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("choice", [0, -1])
def test_each_kind_goes_through_a_line_of_json_and_back(kind: type[Event], choice: int) -> None:
    fields = {name: samples(text)[choice] for name, text in fields_of(kind).items()}
    event = kind(**fields)
    lines = msgspec.json.Encoder().encode_lines([event])
    assert lines.count(b"\n") == 1
    read = msgspec.json.decode(lines, type=AnyEvent)
    assert type(read) is kind
    assert read == event


def test_an_event_is_known_by_its_name_in_the_file() -> None:
    settled = Settled(
        at_ns=1, client="C1", connection=1, channel=1, task=None, delivery_tag=1, how="ack"
    )
    assert msgspec.json.decode(msgspec.json.encode(settled))["event"] == "Settled"


def test_events_do_not_change() -> None:
    settled = Settled(
        at_ns=1, client="C1", connection=1, channel=1, task=None, delivery_tag=1, how="ack"
    )
    with pytest.raises(AttributeError):
        settled.task = "another"  # type: ignore[misc]


@pytest.mark.parametrize("size", [0, 1, BODY_TEXT_LIMIT_BYTES])
def test_a_body_up_to_the_limit_is_its_own_text(size: int) -> None:
    assert body_text(b"x" * size) == "x" * size


def test_a_longer_body_is_cut_and_told_apart_by_its_digest() -> None:
    body = b"x" * (BODY_TEXT_LIMIT_BYTES + 1)
    digest = hashlib.sha256(body).hexdigest()
    assert body_text(body) == "x" * BODY_TEXT_LIMIT_BYTES + "… sha256:" + digest
    assert body_text(body) == long_body_text(body[:BODY_TEXT_LIMIT_BYTES], digest)
    assert body_text(body) != body_text(body[:-1] + b"y")


def test_octets_that_are_no_text_become_escapes() -> None:
    assert body_text("ç".encode() + b"\xff") == "ç\\xff"
    assert body_text(b"\xed\xa0\x80").encode() == b"\\xed\\xa0\\x80"
