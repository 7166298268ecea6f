"""Broker: what every backend can do; Restartable and Killable: what some can.

A scenario that needs a power which the backend lacks is skipped visibly, with the reason.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from filaprova.address import Address
from filaprova.phrase import Phrase, Worded
from filaprova.record.event import Event


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """User and password of the broker; the password never shows in ``repr``."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=…)"


class BrokerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a run wants of its broker, whichever backend is chosen."""

    virtual_hosts: list[str] = msgspec.field(default_factory=lambda: ["/"])
    """Prepared at boot; at least one. Each adds some 20 ms to 40 ms to every boot."""
    config_lines: list[str] = []
    """Further lines of rabbitmq.conf; they win over ours."""
    advanced_config: str | None = None
    """Text of advanced.config, an Erlang term, for what rabbitmq.conf cannot say."""
    image: str | None = None
    """Container image; None: the official one, else the newest rabbitmq image that is there."""
    stop_command: list[str] | None = None
    start_command: list[str] | None = None
    kill_command: list[str] | None = None
    """What an external broker is stopped, started and killed with; run without a shell."""


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
    worded: Worded | None = None
    """The reason, for other languages."""
    transient_queues: str = "permitted"
    """``permitted``; or ``denied by default, permitted for this run``; or ``denied``."""

    def as_texts(self) -> dict[str, str]:
        """Return it as it is stored, by its fields."""
        fields = msgspec.structs.asdict(self)
        return {name: str(value) for name, value in fields.items() if name != "worded"}


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One queue as the broker lists it (exact for classic queues)."""

    name: str
    durable: bool | None
    """None where the backend has no way to ask."""
    ready_count: int
    unacked_count: int | None
    """None where the backend has no way to ask (an external broker)."""
    consumer_count: int


class StopReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a stop went; ``clean`` False: asked to stop gracefully, but it did not end so."""

    clean: bool
    detail: Phrase


class Broker(Protocol):
    """A running broker that belongs to this run."""

    @property
    def description(self) -> BrokerDescription:
        """Return what this broker is."""

    @property
    def credentials(self) -> Credentials:
        """Return the user that may do everything on every virtual host of this run."""

    @property
    def virtual_hosts(self) -> list[str]:
        """Return one virtual host for each that was asked for.

        They bear the names asked for, all different; an external broker that cannot be given
        virtual hosts has its URL's own in each place.
        """

    def address(self) -> Address:
        """Return where it answers now; may change with every start."""

    def queues(self, virtual_host: str) -> list[QueueRow]:
        """Return the queues of a virtual host, ordered by name (0.4 s to 1 s).

        Raises ``EnvironmentMissing`` where the backend cannot list them.
        """

    def queue(self, virtual_host: str, name: str) -> QueueRow | None:
        """Return one queue as exactly as the backend can tell; None: there is no such queue."""

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


@runtime_checkable
class Borrowed(Protocol):
    """A broker that is somebody's own: what the programs of a run make on it is removed."""

    @property
    def left_alone(self) -> list[str]:
        """Return the queues that were in use before the run, which are left as they are."""

    def note(self, event: Event) -> None:
        """Take down what an event of a scenario tells to have been made."""

    def tidy(self) -> None:
        """Remove all of it; ``EnvironmentMissing`` where that fails."""
