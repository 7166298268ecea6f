"""Transactions (``tx``): publishes and settlements are told when they are sent.

Whoever counts them has to look for ``TransactionCommitted``. A rollback makes what was settled
since the last commit outstanding again.
"""

from __future__ import annotations

from filaprova.amqp.agreed import Arguments, Channel
from filaprova.amqp.heard import Handler, Heard
from filaprova.record.wire import TransactionCommitted, TransactionRolledBack, TransactionSelected


def _tx_select(_heard: Heard, channel: Channel, arguments: Arguments) -> None:
    if channel.settled_in_transaction is None:
        channel.settled_in_transaction = {}
    channel.asked["tx.select-ok"].append(arguments)


def _tx_select_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    channel.answer("tx.select-ok")
    heard.record(TransactionSelected, channel)


def _tx_commit(_heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.commit()
    channel.asked["tx.commit-ok"].append(arguments)


def _tx_commit_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    channel.answer("tx.commit-ok")
    heard.record(TransactionCommitted, channel)


def _tx_rollback(_heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.roll_back()  # the broker does so before it reads what the client sends next
    channel.asked["tx.rollback-ok"].append(arguments)


def _tx_rollback_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    channel.answer("tx.rollback-ok")
    heard.record(TransactionRolledBack, channel)


FROM_CLIENT: dict[str, Handler] = {
    "tx.select": _tx_select,
    "tx.commit": _tx_commit,
    "tx.rollback": _tx_rollback,
}
FROM_BROKER: dict[str, Handler] = {
    "tx.select-ok": _tx_select_ok,
    "tx.commit-ok": _tx_commit_ok,
    "tx.rollback-ok": _tx_rollback_ok,
}
