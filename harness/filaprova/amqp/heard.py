"""What was heard of one connection so far: its peers, its channels, and the events it gave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from filaprova.amqp.agreed import Arguments, Channel
from filaprova.amqp.content import Content
from filaprova.record.event import Event
from filaprova.record.wire import ChannelEvent, Side


class Heard:
    """The state of one connection that the methods of both sides change."""

    __slots__ = (
        "at_ns",
        "channels",
        "client",
        "client_product",
        "client_version",
        "connection",
        "events",
        "frame_max_bytes",
        "heartbeat_s",
        "product",
        "shares_global_qos",
        "side",
        "version",
        "vhost",
    )

    def __init__(self, client: str, connection: int) -> None:
        """Start at the first byte of a connection; the two arguments go into every event."""
        self.client = client
        self.connection = connection
        self.channels: dict[int, Channel] = {}
        self.product = self.version = self.vhost = ""
        self.client_product = self.client_version = ""
        self.shares_global_qos = True
        self.heartbeat_s = self.frame_max_bytes = 0
        # What is being received; every event that it gives carries its time.
        self.side: Side
        self.at_ns: int
        self.events: list[Event] = []

    def record(self, kind: type[ChannelEvent], channel: Channel, /, **fields: Any) -> None:
        """Give an event of a channel."""
        self.events.append(
            kind(
                at_ns=self.at_ns,
                client=self.client,
                connection=self.connection,
                channel=channel.number,
                **fields,
            )
        )


Handler: TypeAlias = Callable[[Heard, Channel, Arguments], None]
"""What a method without content does to what was heard."""
ContentHandler: TypeAlias = Callable[[Heard, Channel, Arguments, Content], None]
"""What a method with content does, once that is complete."""
