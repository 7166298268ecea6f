"""What each method of AMQP 0-9-1 means for the record, by class: functions by the method's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from filaprova.amqp.heard import ContentHandler, Handler
from filaprova.amqp.methods import connection, consuming, publishing, topology, transactions
from filaprova.record.wire import Side


class Understood(NamedTuple):
    """The methods that one side may send."""

    plain: Mapping[str, Handler]
    with_content: Mapping[str, ContentHandler]
    passed_over: frozenset[str]
    """What the record does not need."""


_PASSED_OVER = frozenset(
    ("connection.close-ok", "channel.close-ok", "channel.flow", "channel.flow-ok")
)
UNDERSTOOD: dict[Side, Understood] = {
    "client": Understood(
        connection.FROM_EITHER
        | connection.FROM_CLIENT
        | topology.FROM_CLIENT
        | consuming.FROM_CLIENT
        | publishing.FROM_CLIENT
        | transactions.FROM_CLIENT,
        publishing.CONTENT_FROM_CLIENT,
        _PASSED_OVER
        | {
            "connection.secure-ok",
            "connection.update-secret",
            "access.request",
            "basic.cancel-ok",
        },
    ),
    "broker": Understood(
        connection.FROM_EITHER
        | connection.FROM_BROKER
        | topology.FROM_BROKER
        | consuming.FROM_BROKER
        | publishing.FROM_BROKER
        | transactions.FROM_BROKER,
        publishing.CONTENT_FROM_BROKER | consuming.CONTENT_FROM_BROKER,
        _PASSED_OVER
        | {
            "connection.secure",
            "connection.tune",
            "connection.update-secret-ok",
            "access.request-ok",
        },
    ),
}
