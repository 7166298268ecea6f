"""Transactions: selected, committed, rolled back; what was settled is outstanding again then."""

from __future__ import annotations

from typing import Any

import pytest

from filaprova.record.event import Event
from filaprova.record.wire import (
    Settled,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
)
from tests.harness.amqp.bytes import Talk, ack, consume, consume_ok, deliver, method, tagged

ON: dict[str, Any] = {"at_ns": 2, "client": "C1", "connection": 7, "channel": 1}
SELECT, COMMIT, ROLLBACK = method(90, 10), method(90, 20), method(90, 30)
RECOVER = method(60, 110, b"\x01")
CLOSE = method(20, 40, b"\x00\xc8", b"\x00", bytes(4))


def tasks(events: list[Event]) -> list[str | None]:
    return [event.task for event in events if isinstance(event, Settled)]


def holding(*before: bytes) -> Talk:
    """Return a conversation whose client has said ``before`` and holds the tasks 1 to 4."""
    talk = Talk(("client", b"".join(before) + consume("q", "c")))
    talk.broker(consume_ok("c"), *(deliver(tag, b"%d" % tag) for tag in range(1, 5)))
    return talk


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (SELECT, TransactionSelected),
        (COMMIT, TransactionCommitted),
        (ROLLBACK, TransactionRolledBack),
    ],
)
def test_each_is_told_when_the_broker_says_so(asked: bytes, kind: type[Event]) -> None:
    answer = asked.replace(asked[9:11], bytes([0, asked[10] + 1]))
    talk = Talk()
    assert talk.client(asked) == []
    assert talk.broker(answer) == [kind(**ON)]


def test_what_was_settled_is_outstanding_again_after_a_rollback() -> None:
    talk = holding(SELECT)
    assert tasks(talk.client(ack(3), ack(1), ROLLBACK, ack(2, multiple=True))) == [
        *("3", "1"),
        *("1", "2"),
    ]
    assert tasks(talk.client(ROLLBACK, ack(0, multiple=True))) == ["1", "2", "3", "4"]


def test_what_was_committed_is_not() -> None:
    talk = holding(SELECT)
    assert tasks(talk.client(ack(1), COMMIT, ack(2), ROLLBACK, ack(0, multiple=True))) == [
        *("1", "2"),
        *("2", "3", "4"),
    ]
    assert tasks(talk.client(COMMIT, ROLLBACK, ack(0, multiple=True))) == [None]


def test_a_second_select_begins_nothing_anew() -> None:
    talk = holding(SELECT)
    assert tasks(talk.client(ack(1), SELECT, ROLLBACK, ack(1))) == ["1", "1"]


def test_a_rollback_without_a_transaction_gives_nothing_back() -> None:
    assert tasks(holding().client(ack(1), ROLLBACK, ack(1))) == ["1", None]


def test_a_rollback_does_not_take_back_what_was_recovered() -> None:
    talk = holding(SELECT)
    assert tasks(talk.client(ack(1), RECOVER)) == ["1", "2", "3", "4"]
    assert tasks(talk.client(ROLLBACK, ack(0, multiple=True))) == ["1"]


def test_a_rollback_of_one_channel_leaves_the_others() -> None:
    talk = holding(SELECT)
    talk.client(consume("q", "d", channel=2))
    talk.broker(consume_ok("d", channel=2), deliver(1, b"other", consumer="d", channel=2))
    assert tasks(talk.client(ack(1, channel=2), ROLLBACK, ack(1, channel=2))) == ["other", None]


@pytest.mark.parametrize("tag", [1, 4])
def test_a_channel_that_has_closed_has_nothing_to_roll_back(tag: int) -> None:
    talk = holding(SELECT)
    talk.client(ack(1))
    talk.broker(CLOSE)
    assert tasks(talk.client(ROLLBACK, ack(tag))) == [None]


def test_what_is_rejected_is_given_back_too() -> None:
    talk = holding(SELECT)
    assert tasks(talk.client(tagged(90, 2, 1), ROLLBACK, tagged(120, 2, 0))) == ["2", "2"]
