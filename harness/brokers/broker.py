"""Broker: what every backend can do; Restartable and Killable: what some can.

A scenario that needs a power which the backend lacks is skipped visibly, with the reason.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from harness.address import Address


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """User and password of the broker; the password never shows in ``repr``."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=…)"


class BrokerDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What was run; recorded in each history and shown at the top of each report."""

    product: str
    version: str
    erlang_version: str
    backend: str
    """container, local or external."""
    image: str = ""
    """Name of the container image; empty for the other backends."""
    reason: str = ""
    """Why this backend was chosen, in one sentence."""
    transient_queues: str = "permitted"
    """``permitted``; or ``denied by default, permitted for this run``; or ``denied``."""


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One queue as the broker lists it (exact for classic queues)."""

    name: str
    durable: bool
    ready_count: int
    unacked_count: int
    consumer_count: int


class StopReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a stop went; ``clean`` False: asked to stop gracefully, but it did not end so."""

    clean: bool
    detail: str


class Broker(Protocol):
    """A running broker that belongs to this run."""

    @property
    def description(self) -> BrokerDescription:
        """Return what this broker is."""

    @property
    def credentials(self) -> Credentials:
        """Return the user that may do everything on every virtual host of this run."""

    def address(self) -> Address:
        """Return where it answers now; may change with every start."""

    def queues(self, virtual_host: str) -> list[QueueRow]:
        """Return the queues of a virtual host, ordered by name (0.4 s to 1 s)."""

    def log_tail(self, line_count: int = 200) -> list[str]:
        """Return the last lines of the broker's log; empty where there is no access to it."""

    def close(self) -> None:
        """End it and remove everything it left on the machine; may be called twice."""


@runtime_checkable
class Restartable(Protocol):
    """The power to stop a broker gracefully and to start it again with its data."""

    def stop(self) -> StopReport:
        """Stop gracefully and wait for the end."""

    def start(self) -> None:
        """Start again with the data kept; return when an AMQP handshake succeeds."""


@runtime_checkable
class Killable(Protocol):
    """The power to kill a broker hard (SIGKILL), without a chance to write anything."""

    def kill(self) -> None:
        """Kill and wait for the end; ``Restartable.start`` starts it again."""
