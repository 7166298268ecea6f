"""Subscriptions: what several of them may hold together, and who asks without one."""

from __future__ import annotations

from collections.abc import Iterable

from filaprova.judge.ledger import Ledger
from filaprova.phrase import say
from filaprova.record.wire import ConsumerStarted

POLLING = say("the workers ask for tasks one by one (basic.get)")


def limit_of(consumers: Iterable[ConsumerStarted]) -> int:
    """Return how many deliveries these consumers may hold together; 0: no limit is in force.

    Each has its own limit; what a channel has for all its consumers together holds besides
    (RabbitMQ documentation, "Consumer Prefetch").
    """
    channels: dict[tuple[int, int], list[ConsumerStarted]] = {}
    for consumer in consumers:
        channels.setdefault((consumer.connection, consumer.channel), []).append(consumer)
    total = 0
    for sharing in channels.values():
        own = [consumer.prefetch_count for consumer in sharing]
        limits = [sum(own)] if all(own) else []
        limits += [consumer.channel_prefetch_count for consumer in sharing[-1:]]
        limits = [limit for limit in limits if limit]
        if not limits:
            return 0
        total += min(limits)
    return total


def polled(book: Ledger) -> bool:
    """Tell whether somebody asked for a task (basic.get) and got it."""
    return any(delivery.event.consumer_tag is None for delivery in book.worked)


def only_polls(book: Ledger) -> bool:
    """Tell whether nobody subscribes, and whoever wants a task asks for it (basic.get)."""
    return polled(book) and not book.consumers and bool(book.tasks)
