"""Queues: declare, purge and delete, with and without an answer, by name and without."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.record.wire import QueueDeclared, QueueDeleted, QueuePurged
from tests.harness.amqp.bytes import Talk, declare, declare_ok, golden, method, short

ON: dict[str, Any] = {"at_ns": 1, "client": "C1", "connection": 7, "channel": 1}


def purge(queue: str, bits: int = 0) -> bytes:
    return method(50, 30, bytes(2), short(queue), bytes([bits]))


def delete(queue: str, bits: int = 0) -> bytes:
    """Bits: 1 if-unused, 2 if-empty, 4 no-wait."""
    return method(50, 40, bytes(2), short(queue), bytes([bits]))


def count(number: int) -> bytes:
    return number.to_bytes(4, "big")


def test_nothing_is_declared_before_the_broker_says_so() -> None:
    assert Talk().client(declare("q")) == []


@pytest.mark.parametrize(
    ("bits", "name"),
    [(0, ""), (1, "passive"), (2, "durable"), (4, "exclusive"), (8, "auto_delete")],
)
def test_each_bit_of_a_declaration(bits: int, name: str) -> None:
    [event] = Talk(("client", declare("q", bits))).broker(declare_ok("q", 70000, 2))
    assert isinstance(event, QueueDeclared)
    kinds = ["passive", "durable", "exclusive", "auto_delete"]
    assert {kind: getattr(event, kind) for kind in kinds} == {kind: kind == name for kind in kinds}
    assert (event.ready_count, event.consumer_count, event.answered) == (70000, 2, True)


def test_a_declaration_without_an_answer() -> None:
    [event] = Talk().client(declare("q", 0b10010))
    assert event == QueueDeclared(
        **ON,
        queue="q",
        passive=False,
        durable=True,
        exclusive=False,
        auto_delete=False,
        ready_count=0,
        consumer_count=0,
        answered=False,
    )


def test_answers_belong_to_the_requests_in_their_order() -> None:
    talk = Talk(("client", declare("one", 2) + declare("two", 8)))
    first, second = talk.broker(declare_ok("one"), declare_ok("two"))
    assert isinstance(first, QueueDeclared)
    assert isinstance(second, QueueDeclared)
    assert (first.queue, first.durable, first.auto_delete) == ("one", True, False)
    assert (second.queue, second.durable, second.auto_delete) == ("two", False, True)


def test_arguments_that_a_file_of_json_lines_can_hold() -> None:
    table = golden("""
        01 "s" 53 00000006 "quorum"
        01 "i" 49 fffffffb
        01 "d" 64 3fe0000000000000
        01 "n" 64 7ff8000000000000
        01 "t" 74 01
        01 "v" 56
        01 "D" 44 01 0000000f
        01 "A" 41 00000002 42 07
        01 "x" 78 00000001 ff
    """)
    [event] = Talk(("client", declare("q", 0, table))).broker(declare_ok("q"))
    assert isinstance(event, QueueDeclared)
    assert event.arguments == {
        "s": "quorum",
        "i": -5,
        "d": 0.5,
        "n": "nan",
        "t": True,
        "v": None,
        "D": "1.5",
        "A": "[7]",
        "x": "b'\\xff'",
    }


def test_a_purge() -> None:
    talk = Talk(("client", purge("q")))
    [event] = talk.broker(method(50, 31, count(66000)))
    assert event == QueuePurged(**{**ON, "at_ns": 2}, queue="q", message_count=66000)


def test_a_purge_without_an_answer() -> None:
    [event] = Talk().client(purge("q", 1))
    assert event == QueuePurged(**ON, queue="q", message_count=0, answered=False)


def test_a_deletion() -> None:
    talk = Talk(("client", delete("q", 3)))
    [event] = talk.broker(method(50, 41, count(66000)))
    assert event == QueueDeleted(**{**ON, "at_ns": 2}, queue="q", message_count=66000)


def test_a_deletion_without_an_answer() -> None:
    [event] = Talk().client(delete("q", 4))
    assert event == QueueDeleted(**ON, queue="q", message_count=0, answered=False)


def test_no_name_means_the_queue_declared_last() -> None:
    talk = Talk(("client", declare("") + purge("") + delete("")))
    declared, purged, deleted = talk.broker(
        declare_ok("amq.gen-7"), method(50, 31, count(1)), method(50, 41, count(2))
    )
    assert isinstance(declared, QueueDeclared)
    assert isinstance(purged, QueuePurged)
    assert isinstance(deleted, QueueDeleted)
    assert (declared.queue, purged.queue, deleted.queue) == ("amq.gen-7",) * 3


def test_the_queue_declared_last_is_another_one_on_each_channel() -> None:
    talk = Talk(("client", declare("one", 16) + declare("two", 16, channel=2)))
    [event] = talk.client(purge("", 1))
    assert isinstance(event, QueuePurged)
    assert event.queue == "one"


def test_no_name_before_any_declaration_means_none() -> None:
    [event] = Talk().client(purge("", 1))
    assert isinstance(event, QueuePurged)
    assert event.queue == ""
