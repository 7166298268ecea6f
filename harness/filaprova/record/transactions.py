"""What channels with transactions have done and not yet committed.

Publishes and settlements of such a channel count from their commit on (RabbitMQ documentation,
"Semantics"). Who follows a history keeps them here until then.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from filaprova.record.wire import TransactionSelected

Deed = TypeVar("Deed")


class Transactions(Generic[Deed]):
    """The deeds that wait for a commit, by channel."""

    def __init__(self) -> None:
        """No channel has transactions yet."""
        self._waiting: dict[tuple[int, int], list[Deed]] = {}

    def select(self, event: TransactionSelected) -> None:
        """From here on the channel has transactions."""
        self._waiting.setdefault((event.connection, event.channel), [])

    def keep(self, connection: int, channel: int, deed: Deed) -> bool:
        """Keep what a channel did until it commits; False: it has no transactions, so it counts."""
        waiting = self._waiting.get((connection, channel))
        if waiting is not None:
            waiting.append(deed)
        return waiting is not None

    def take(self, connection: int, channel: int) -> list[Deed]:
        """Return what the channel did since its last commit or rollback, and begin anew."""
        where = connection, channel
        waiting = self._waiting.get(where, [])
        if waiting:
            self._waiting[where] = []
        return waiting

    def end(self, connection: int, channel: int | None = None) -> list[Deed]:
        """Return what is never committed: this channel ended, or by default the connection."""
        ended = [where for where in self._waiting if where[0] == connection]
        return [
            deed
            for where in ended
            if channel in (None, where[1])
            for deed in self._waiting.pop(where)
        ]
