"""Lifetimes: until when a subscription was there."""

from __future__ import annotations

from filaprova.record.history import History
from filaprova.record.wire import (
    ChannelClosed,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    SocketClosed,
)


def end_of(
    history: History, consumer: ConsumerStarted, at_ns: int, *, by_notice: bool = True
) -> int:
    """Return when a consumer was cancelled, or its channel or connection ended; else ``at_ns``.

    Without ``by_notice`` it is not ended by the broker's notice that its queue is gone.
    """
    ends = history.derived("ends of consumers", _ends_of_consumers)
    channel = (consumer.connection, consumer.channel)
    keys: list[tuple[object, ...]] = [
        (consumer.connection,),
        channel,
        (*channel, consumer.consumer_tag, "client"),
    ]
    if by_notice:
        keys.append((*channel, consumer.consumer_tag, "broker"))
    ended = (ns for key in keys for ns in ends.get(key, ()) if ns > consumer.at_ns)
    return min(ended, default=at_ns)


def _ends_of_consumers(history: History) -> dict[tuple[object, ...], list[int]]:
    """Return when connections, channels of them, and consumers on these ended, and by whom."""
    ends: dict[tuple[object, ...], list[int]] = {}
    for gone in (*history.of(ConnectionClosed), *history.of(SocketClosed)):
        ends.setdefault((gone.connection,), []).append(gone.at_ns)
    for closed in history.of(ChannelClosed):
        ends.setdefault((closed.connection, closed.channel), []).append(closed.at_ns)
    for event in history.of(ConsumerCancelled):
        key = (event.connection, event.channel, event.consumer_tag, event.by)
        ends.setdefault(key, []).append(event.at_ns)
    return ends
