"""Count over HTTP, where a broker has the management plugin: ready and unacked, in some 10 ms.

Its statistics are seconds old, but a listing without them asks the queues' processes themselves
(RabbitMQ documentation, "Management Plugin", HTTP API: ``disable_stats``, ``enable_queue_totals``).
Only classic queues are counted so: what others tell is as old as their last tick, 5 s by default.
"""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

import msgspec
import requests

from filaprova.address import Address
from filaprova.brokers.broker import Credentials, QueueRow
from filaprova.brokers.inspection import count_queue
from filaprova.waiting import noted

ANSWER_LIMIT_S = 5.0
USUAL_PORT = 15_672
ABOVE_AMQP = 10_000
"""The plugin's usual port is so far above that of AMQP; a second broker keeps to that, too."""


class QueueTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What the management plugin tells about a queue."""

    durable: bool
    ready_count: int
    unacked_count: int


class Management:
    """The management plugin of one broker."""

    def __init__(self, address: Address, credentials: Credentials) -> None:
        """Ask nothing yet."""
        self._place = _authority(address)
        self._credentials = credentials

    def totals(self, virtual_host: str) -> dict[str, QueueTotals] | None:
        """Return the totals of all classic queues by name.

        None where nobody answers as the plugin does.
        """
        try:
            with (
                noted("management's answer", limit_s=ANSWER_LIMIT_S),
                requests.Session() as session,
            ):
                session.trust_env = False  # neither a proxy nor a .netrc is to come in between
                answer = session.get(
                    f"http://{self._place}/api/queues/{quote(virtual_host, safe='')}",
                    params={"disable_stats": "true", "enable_queue_totals": "true"},
                    auth=(self._credentials.user, self._credentials.password),
                    timeout=ANSWER_LIMIT_S,
                    allow_redirects=False,
                )
            answer.raise_for_status()
            rows = cast(list[dict[str, Any]], answer.json())
            return {
                row["name"]: QueueTotals(
                    durable=row["durable"],
                    ready_count=row["messages_ready"],
                    unacked_count=row["messages_unacknowledged"],
                )
                for row in rows
                if row["type"] == "classic"
            }
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return None


def count(
    management: Management | None,
    address: Address,
    credentials: Credentials,
    virtual_host: str,
    name: str,
) -> QueueRow | None:
    """Return a queue as a passive declare and the plugin tell; None: there is no such queue.

    Without the plugin, and of a queue that is not classic, neither tells what is unacked, or
    whether it is durable.
    """
    counted = count_queue(address, credentials, virtual_host, name)
    if not counted.exists:
        return None
    totals = management.totals(virtual_host) if management else None
    told = totals.get(name) if totals else None
    return QueueRow(
        name=name,
        durable=told.durable if told else None,
        ready_count=told.ready_count if told else counted.ready_count,
        unacked_count=told.unacked_count if told else None,
        consumer_count=counted.consumer_count,
    )


def usual_addresses(amqp: Address) -> list[Address]:
    """Return where the plugin of a broker with this address usually listens."""
    ports = dict.fromkeys((amqp.port + ABOVE_AMQP, USUAL_PORT))
    return [Address(amqp.host, port) for port in ports if port <= 0xFFFF]


def _authority(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}"
