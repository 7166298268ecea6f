"""What is seen on the wire: connections, channels, queues, consumers, tasks."""

from __future__ import annotations

from typing import Literal, TypeAlias

from filaprova.record.event import Event

Side: TypeAlias = Literal["client", "broker"]


class WireEvent(Event, frozen=True, kw_only=True):
    """Something seen on one TCP connection of one client."""

    client: str
    connection: int


class SocketOpened(WireEvent, frozen=True, kw_only=True):
    """The client connected to its tap and the tap to the broker."""


class SocketRefused(WireEvent, frozen=True, kw_only=True):
    """The client connected to its tap, but the tap could not reach the broker."""

    reason: str


class SocketClosed(WireEvent, frozen=True, kw_only=True):
    """The TCP connection ended; ``by`` tells which side ended it, "fault" that the tap did.

    The remainders are bytes that came in but did not complete a frame. Of each side's bytes until
    this moment: what was read from it, what of that was written to the other side (``forwarded``),
    what a fault kept back, and what came when the other side was closed already, so that nobody
    could take it (``undeliverable``). Read is the sum of the others, or there is a
    ``HarnessTrouble``.
    """

    by: Literal["client", "broker", "fault"]
    client_remainder_bytes: int = 0
    broker_remainder_bytes: int = 0
    client_read_bytes: int = 0
    client_forwarded_bytes: int = 0
    client_withheld_bytes: int = 0
    client_undeliverable_bytes: int = 0
    broker_read_bytes: int = 0
    broker_forwarded_bytes: int = 0
    broker_withheld_bytes: int = 0
    broker_undeliverable_bytes: int = 0


class ConnectionOpened(WireEvent, frozen=True, kw_only=True):
    """The AMQP handshake is complete (connection.open-ok)."""

    vhost: str
    heartbeat_s: int
    frame_max_bytes: int
    broker_product: str = ""
    broker_version: str = ""
    client_product: str = ""
    """As the client library names itself in connection.start-ok; empty: it does not."""
    client_version: str = ""


class ConnectionClosed(WireEvent, frozen=True, kw_only=True):
    """One side sent connection.close."""

    by: Side
    code: int
    text: str


class ConnectionBlocked(WireEvent, frozen=True, kw_only=True):
    """connection.blocked: the broker takes no more publishes on this connection for now."""

    reason: str


class ConnectionUnblocked(WireEvent, frozen=True, kw_only=True):
    """connection.unblocked."""


class Undecodable(WireEvent, frozen=True, kw_only=True):
    """Bytes from one side are not AMQP 0-9-1; decoding of that connection ended here."""

    by: Side
    reason: str
    bytes_hex: str


class ChannelEvent(WireEvent, frozen=True, kw_only=True):
    """Something seen on one channel."""

    channel: int


class ChannelOpened(ChannelEvent, frozen=True, kw_only=True):
    """channel.open-ok."""


class ChannelClosed(ChannelEvent, frozen=True, kw_only=True):
    """One side sent channel.close."""

    by: Side
    code: int
    text: str


# ---------------------------------------------------------------- exchanges and bindings


class ExchangeDeclared(ChannelEvent, frozen=True, kw_only=True):
    """exchange.declare-ok, or exchange.declare with ``nowait`` (then ``answered`` is False)."""

    exchange: str
    kind: str
    """``direct``, ``fanout``, ``topic``, ``headers``, or a plugin's."""
    passive: bool
    durable: bool
    auto_delete: bool
    internal: bool = False
    arguments: dict[str, str | int | float | bool | None] = {}
    answered: bool = True


class ExchangeDeleted(ChannelEvent, frozen=True, kw_only=True):
    """exchange.delete-ok, or exchange.delete with ``nowait``."""

    exchange: str
    answered: bool = True


class Bound(ChannelEvent, frozen=True, kw_only=True):
    """queue.bind-ok or exchange.bind-ok, or either with ``nowait``."""

    source: str
    """The exchange that routes."""
    destination: str
    """The queue or exchange that it routes to."""
    to_exchange: bool = False
    routing_key: str
    arguments: dict[str, str | int | float | bool | None] = {}


class Unbound(ChannelEvent, frozen=True, kw_only=True):
    """queue.unbind-ok or exchange.unbind-ok."""

    source: str
    destination: str
    to_exchange: bool = False
    routing_key: str
    arguments: dict[str, str | int | float | bool | None] = {}


# ---------------------------------------------------------------- transactions


class TransactionSelected(ChannelEvent, frozen=True, kw_only=True):
    """tx.select-ok: publishes and settlements of this channel count only once committed."""


class TransactionCommitted(ChannelEvent, frozen=True, kw_only=True):
    """tx.commit-ok."""


class TransactionRolledBack(ChannelEvent, frozen=True, kw_only=True):
    """tx.rollback-ok."""


# ---------------------------------------------------------------- queues and consumers


class QueueDeclared(ChannelEvent, frozen=True, kw_only=True):
    """queue.declare-ok: the broker's own counts at that moment."""

    queue: str
    passive: bool
    durable: bool
    exclusive: bool
    auto_delete: bool
    ready_count: int
    consumer_count: int
    arguments: dict[str, str | int | float | bool | None] = {}
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class QueueDeleted(ChannelEvent, frozen=True, kw_only=True):
    """queue.delete-ok; ``message_count`` messages were dropped with the queue."""

    queue: str
    message_count: int
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class QueuePurged(ChannelEvent, frozen=True, kw_only=True):
    """queue.purge-ok."""

    queue: str
    message_count: int
    answered: bool = True
    """False: asked with ``nowait``, so the broker does not answer and counts are given as 0."""


class PrefetchSet(ChannelEvent, frozen=True, kw_only=True):
    """basic.qos-ok."""

    prefetch_count: int
    is_global: bool


class ConsumerStarted(ChannelEvent, frozen=True, kw_only=True):
    """basic.consume-ok; ``prefetch_count`` is the limit in force for this consumer (0: none)."""

    queue: str
    consumer_tag: str
    no_ack: bool
    prefetch_count: int
    priority: int = 0
    """Argument ``x-priority``: who has a higher one is served first."""
    exclusive: bool = False
    channel_prefetch_count: int = 0
    """The limit that all consumers of this channel share (qos with ``global``; 0: none)."""


class ConsumerCancelled(ChannelEvent, frozen=True, kw_only=True):
    """basic.cancel-ok (by the client) or basic.cancel (by the broker)."""

    consumer_tag: str
    by: Side


class ConfirmsSelected(ChannelEvent, frozen=True, kw_only=True):
    """confirm.select-ok: from here on the broker confirms what this channel publishes."""


# ---------------------------------------------------------------- tasks


class Published(ChannelEvent, frozen=True, kw_only=True):
    """basic.publish with its whole content; ``publish_tag`` counts from 1 in confirm mode."""

    task: str
    exchange: str
    routing_key: str
    persistent: bool
    mandatory: bool
    body_bytes: int
    publish_tag: int | None = None
    body: str | None = None
    """The body's text where it is not the identity itself (a ``message_id`` was set)."""
    expiration: str | None = None
    """Milliseconds after which the broker is to let it go, as its publisher wrote them."""
    priority: int | None = None


class Confirmed(ChannelEvent, frozen=True, kw_only=True):
    """The broker confirmed one publish (a ``multiple`` confirm gives one event each)."""

    task: str
    publish_tag: int


class PublishRefused(ChannelEvent, frozen=True, kw_only=True):
    """The broker answered a publish in confirm mode with basic.nack."""

    task: str
    publish_tag: int


class Returned(ChannelEvent, frozen=True, kw_only=True):
    """basic.return: an unroutable mandatory publish came back."""

    task: str
    code: int
    text: str


class Delivered(ChannelEvent, frozen=True, kw_only=True):
    """basic.deliver, or basic.get-ok with ``consumer_tag`` None, with its whole content."""

    task: str
    queue: str | None
    """The queue consumed from, known from the basic.consume or basic.get."""
    consumer_tag: str | None
    delivery_tag: int
    redelivered: bool
    no_ack: bool
    body_bytes: int
    body: str | None = None
    delivery_count: int | None = None
    """Header ``x-delivery-count`` of a quorum queue."""
    exchange: str = ""
    """The exchange it was published to last, as basic.deliver tells."""
    routing_key: str = ""
    dead_lettered_from: str | None = None
    """Queue in the newest entry of its ``x-death`` header; None: it was never dead-lettered."""


def is_server_named(queue: str | None) -> bool:
    """Tell whether the broker made up a queue's name, as for answers and the like.

    AMQP 0-9-1 class queue, method declare: names that begin with "amq." are the broker's.
    """
    return queue is not None and queue.startswith("amq.")


class PollEmpty(ChannelEvent, frozen=True, kw_only=True):
    """basic.get-empty: a client asked for one message of a queue that had none ready."""

    queue: str


class Settled(ChannelEvent, frozen=True, kw_only=True):
    """The client acknowledged, nacked or rejected one delivery.

    A ``multiple`` settlement gives one event for each delivery that it settles; a tag that
    settles nothing outstanding gives one event with ``task`` None.
    """

    task: str | None
    delivery_tag: int
    how: Literal["ack", "nack", "reject"]
    requeue: bool = False
    multiple: bool = False
    queue: str | None = None
