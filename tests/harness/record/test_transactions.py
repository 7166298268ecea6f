"""What a channel with transactions does counts once it commits, and never if it ends before."""

from __future__ import annotations

from filaprova.record.transactions import Transactions
from filaprova.record.wire import TransactionSelected

CONNECTION, CHANNEL, OTHER = 3, 1, 2


def with_transactions(*channels: int) -> Transactions[str]:
    transactions: Transactions[str] = Transactions()
    for channel in channels:
        transactions.select(
            TransactionSelected(at_ns=1, client="C1", connection=CONNECTION, channel=channel)
        )
    return transactions


def test_without_transactions_everything_counts_at_once() -> None:
    transactions = with_transactions(OTHER)
    assert not transactions.keep(CONNECTION, CHANNEL, "publish")
    assert transactions.take(CONNECTION, CHANNEL) == []


def test_what_is_taken_is_what_was_done_since() -> None:
    transactions = with_transactions(CHANNEL)
    assert transactions.keep(CONNECTION, CHANNEL, "publish")
    assert transactions.keep(CONNECTION, CHANNEL, "ack")
    assert transactions.take(CONNECTION, CHANNEL) == ["publish", "ack"]
    assert transactions.take(CONNECTION, CHANNEL) == []
    assert transactions.keep(CONNECTION, CHANNEL, "nack")
    assert transactions.take(CONNECTION, CHANNEL) == ["nack"]


def test_selecting_once_more_forgets_nothing() -> None:
    transactions = with_transactions(CHANNEL)
    transactions.keep(CONNECTION, CHANNEL, "publish")
    transactions.select(
        TransactionSelected(at_ns=2, client="C1", connection=CONNECTION, channel=CHANNEL)
    )
    assert transactions.take(CONNECTION, CHANNEL) == ["publish"]


def test_a_channel_that_ends_takes_along_its_own_only() -> None:
    transactions = with_transactions(CHANNEL, OTHER)
    transactions.keep(CONNECTION, CHANNEL, "mine")
    transactions.keep(CONNECTION, OTHER, "another's")
    assert transactions.end(CONNECTION, CHANNEL) == ["mine"]
    assert not transactions.keep(CONNECTION, CHANNEL, "later, on a channel opened anew")
    assert transactions.take(CONNECTION, OTHER) == ["another's"]


def test_a_connection_that_ends_takes_along_all_of_its_own() -> None:
    transactions = with_transactions(CHANNEL, OTHER)
    transactions.keep(CONNECTION, CHANNEL, "one")
    transactions.keep(CONNECTION, OTHER, "two")
    assert transactions.end(CONNECTION + 1) == []
    assert transactions.end(CONNECTION) == ["one", "two"]
    assert transactions.end(CONNECTION) == []
