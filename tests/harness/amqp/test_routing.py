"""Exchanges and bindings: declared, bound, unbound and deleted, with and without an answer."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.record.wire import Bound, ExchangeDeclared, ExchangeDeleted, Unbound
from tests.harness.amqp.bytes import Talk, declare, declare_ok, golden, long, method, short

ON: dict[str, Any] = {"at_ns": 1, "client": "C1", "connection": 7, "channel": 1}
ANSWERED: dict[str, Any] = {**ON, "at_ns": 2}
BIND_OK, UNBIND_OK = method(50, 21), method(50, 51)
NO_WAIT = b"\x01"


def declare_exchange(name: str, kind: str = "direct", bits: int = 0, table: bytes = b"") -> bytes:
    """Bits: 1 passive, 2 durable, 4 auto-delete, 8 internal, 16 no-wait."""
    return method(40, 10, bytes(2), short(name), short(kind), bytes([bits]), long(table))


def bind(queue: str, exchange: str, key: str, wait: bytes = b"\x00", table: bytes = b"") -> bytes:
    return method(50, 20, bytes(2), short(queue), short(exchange), short(key), wait, long(table))


def unbind(queue: str, exchange: str, key: str) -> bytes:
    return method(50, 50, bytes(2), short(queue), short(exchange), short(key), long(b""))


def between(method_id: int, destination: str, source: str, wait: bytes = b"\x00") -> bytes:
    names = short(destination), short(source), short("key")
    return method(40, method_id, bytes(2), *names, wait, long(b""))


def test_nothing_is_declared_or_bound_before_the_broker_says_so() -> None:
    asked = declare_exchange("x") + bind("q", "x", "k") + unbind("q", "x", "k")
    assert Talk().client(asked, between(30, "a", "b"), between(40, "a", "b")) == []
    assert Talk().client(method(40, 20, bytes(2), short("x"), b"\x00")) == []


@pytest.mark.parametrize(
    ("bits", "name"),
    [(0, ""), (1, "passive"), (2, "durable"), (4, "auto_delete"), (8, "internal")],
)
def test_each_bit_of_an_exchange(bits: int, name: str) -> None:
    [event] = Talk(("client", declare_exchange("x", "fanout", bits))).broker(method(40, 11))
    assert isinstance(event, ExchangeDeclared)
    kinds = ["passive", "durable", "auto_delete", "internal"]
    assert {kind: getattr(event, kind) for kind in kinds} == {kind: kind == name for kind in kinds}
    assert (event.exchange, event.kind, event.answered) == ("x", "fanout", True)


def test_an_exchange_without_an_answer() -> None:
    table = golden('12 "alternate-exchange" 53 00000001 "y"')
    [event] = Talk().client(declare_exchange("x", "topic", 0b10010, table))
    assert event == ExchangeDeclared(
        **ON,
        exchange="x",
        kind="topic",
        passive=False,
        durable=True,
        auto_delete=False,
        arguments={"alternate-exchange": "y"},
        answered=False,
    )


def test_exchanges_are_answered_in_their_order() -> None:
    talk = Talk(("client", declare_exchange("one") + declare_exchange("two", "topic")))
    first, second = talk.broker(method(40, 11) * 2)
    assert isinstance(first, ExchangeDeclared)
    assert isinstance(second, ExchangeDeclared)
    assert (first.exchange, first.kind) == ("one", "direct")
    assert (second.exchange, second.kind) == ("two", "topic")


@pytest.mark.parametrize("if_unused", [0, 1])
def test_an_exchange_is_deleted(if_unused: int) -> None:
    talk = Talk(("client", method(40, 20, bytes(2), short("x"), bytes([if_unused]))))
    assert talk.broker(method(40, 21)) == [ExchangeDeleted(**ANSWERED, exchange="x")]


def test_an_exchange_is_deleted_without_an_answer() -> None:
    deleted = Talk().client(method(40, 20, bytes(2), short("x"), b"\x02"))
    assert deleted == [ExchangeDeleted(**ON, exchange="x", answered=False)]


def test_a_queue_is_bound() -> None:
    table = golden('07 "x-match" 53 00000003 "any"')
    talk = Talk(("client", bind("q", "x", "k", table=table)))
    assert talk.broker(BIND_OK) == [
        Bound(
            **ANSWERED,
            source="x",
            destination="q",
            routing_key="k",
            arguments={"x-match": "any"},
        )
    ]


def test_a_queue_is_bound_without_an_answer() -> None:
    [event] = Talk().client(bind("q", "x", "k", NO_WAIT))
    assert event == Bound(**ON, source="x", destination="q", routing_key="k")


def test_a_queue_is_unbound() -> None:
    talk = Talk(("client", unbind("q", "x", "k")))
    assert talk.broker(UNBIND_OK) == [
        Unbound(**ANSWERED, source="x", destination="q", routing_key="k")
    ]


def test_no_name_means_the_queue_declared_last_and_so_does_no_key_beside_it() -> None:
    talk = Talk(
        ("client", declare("") + bind("", "x", "") + bind("", "x", "k") + bind("q", "x", ""))
    )
    _, both, name, key = talk.broker(declare_ok("amq.gen-7"), BIND_OK * 3)
    found = [
        (event.destination, event.routing_key)
        for event in (both, name, key)
        if isinstance(event, Bound)
    ]
    assert found == [("amq.gen-7", "amq.gen-7"), ("amq.gen-7", "k"), ("q", "")]
    talk.client(unbind("", "x", ""))
    [event] = talk.broker(UNBIND_OK)
    assert isinstance(event, Unbound)
    assert (event.destination, event.routing_key) == ("amq.gen-7", "amq.gen-7")
    [event] = talk.client(bind("", "x", "", NO_WAIT))
    assert isinstance(event, Bound)
    assert (event.destination, event.routing_key) == ("amq.gen-7", "amq.gen-7")


@pytest.mark.parametrize(
    ("asked", "answer", "kind"), [(30, method(40, 31), Bound), (40, method(40, 51), Unbound)]
)
def test_exchanges_are_bound_to_each_other(
    asked: int, answer: bytes, kind: type[Bound | Unbound]
) -> None:
    names: dict[str, Any] = {"source": "from", "destination": "to", "routing_key": "key"}
    talk = Talk(("client", between(asked, "to", "from")))
    assert talk.broker(answer) == [kind(**ANSWERED, **names, to_exchange=True)]
    told = Talk().client(between(asked, "to", "from", NO_WAIT))
    assert told == [kind(**ON, **names, to_exchange=True)]


def test_an_exchange_without_a_name_is_not_the_queue_declared_last() -> None:
    talk = Talk(("client", declare("q", 16) + between(30, "", "x")))
    [event] = talk.broker(method(40, 31))
    assert isinstance(event, Bound)
    assert event.destination == ""
