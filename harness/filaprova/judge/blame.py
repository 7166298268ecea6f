"""Who let a queue or a task go: what the record shows of whoever made, emptied or limited it."""

from __future__ import annotations

from collections.abc import Sequence

from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.verdict import Blame
from filaprova.phrase import joined_names, say
from filaprova.record.act import Struck
from filaprova.record.history import History
from filaprova.record.program import ProgramStarted
from filaprova.record.wire import (
    Published,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    SocketClosed,
)

WORKER: Blame = "worker"
PUBLISHER: Blame = "publisher"
HARNESS: Blame = "harness"

DELIVERY_LIMIT = 20
"""How often a quorum queue sends a task again unless told otherwise, since RabbitMQ 4.0 (RabbitMQ
documentation, "Quorum Queues", "Poison Message Handling")."""


def role_of(history: History, client: str) -> Blame:
    """Return what a client is here; whoever was not started as a program is the harness."""
    blamed: dict[str, Blame] = {"worker": WORKER, "producer": PUBLISHER}
    roles = {e.client: blamed.get(e.role, HARNESS) for e in history.of(ProgramStarted)}
    return roles.get(client, HARNESS)


def who_made_it_so(history: History, queue: str, *, durable: bool) -> Blame | None:
    """Return who is to blame that a queue did not outlive the broker, or did: "durable" was wanted.

    Whoever declared it first decided that; None if nobody was seen to declare it.
    """
    first = declaration(history, queue)
    if first is None:
        return None
    return "broker" if first.durable is durable else role_of(history, first.client)


def who_let_go(history: History, book: Ledger, task: str) -> Blame | None:
    """Return who emptied the queue with a task in it, or else had the broker let it go by itself.

    None if nobody was seen to.
    """
    event = emptying(history, book, task)
    return role_of(history, event.client) if event else who_limited(history, book, task)[0]


def emptying(history: History, book: Ledger, task: str) -> QueuePurged | QueueDeleted | None:
    """Return what purged or deleted the queue while the task was in it; None if nothing did.

    A purge leaves what a consumer holds; a deletion takes that as well.
    """
    published_ns = max(event.at_ns for event in book.published if event.task == task)
    last = book.deliveries_by_task.get(task, [None])[-1]
    since_ns = published_ns if last is None else max(published_ns, last.sent_at_ns)
    events: list[QueuePurged | QueueDeleted]
    events = [*history.of(QueuePurged), *history.of(QueueDeleted)]
    for event in events:
        if event.queue != book.queue or event.at_ns < since_ns:
            continue
        if last is not None and not last.ended_before(event.at_ns):
            was_taken = isinstance(event, QueueDeleted)
        else:
            was_ready = last is None or last.came_back
            was_taken = was_ready and (event.message_count > 0 or not event.answered)
        if was_taken:
            return event
    return None


def who_limited(history: History, book: Ledger, task: str) -> tuple[Blame | None, str]:
    """Return who had the broker let the task go by itself, and how; None if nobody was seen to.

    Only what was reached counts: a time to live must have passed, a length been exceeded (RabbitMQ
    documentation, "Time-to-Live and Expiration" and "Queue Length Limit").
    """
    published = [event for event in book.published if event.task == task][-1]
    deliveries = book.deliveries_by_task.get(task, [])
    waited_ms = _waited_ms(book, published, deliveries)
    expiration = published.expiration
    if expiration is not None and expiration.isdecimal() and _exceeds(waited_ms, int(expiration)):
        return PUBLISHER, say("it was published to expire after {} ms", expiration)
    declared = declaration(history, book.queue)
    if declared is None:
        return None, ""
    told = declared.arguments
    reached = {
        "x-message-ttl": waited_ms,
        "x-expires": waited_ms,
        "x-max-length": len(book.tasks),
        "x-max-length-bytes": sum(event.body_bytes for event in book.published),
    }
    limits = [
        f"{name}={told[name]}" for name, most in reached.items() if _exceeds(most, told.get(name))
    ]
    limits += ["auto_delete"] * (declared.auto_delete and _has_lost_consumers(book))
    limits += ["exclusive"] * (declared.exclusive and declared.connection in book.gone)
    if limits:
        how = say("its queue was declared with {}", joined_names(limits))
        return role_of(history, declared.client), how
    limit = told.get("x-delivery-limit", DELIVERY_LIMIT)
    if told.get("x-queue-type") != "quorum" or not isinstance(limit, int) or limit < 0:
        return None, ""
    if limit < len(deliveries) + _unseen_deliveries(history, book, deliveries):
        how = say("it came back {} times, which is the limit of its quorum queue", limit)
        return None if _were_struck(history, deliveries) else WORKER, how
    return None, ""


def _unseen_deliveries(history: History, book: Ledger, deliveries: Sequence[Delivery]) -> int:
    """Return how often a task may have been sent to who was just going, so that nobody saw it.

    The broker counts that as well.
    """
    ended = [delivery.ended_at_ns for delivery in deliveries if delivery.ended_at_ns is not None]
    if not ended:
        return 0
    holders = {delivery.event.connection for delivery in deliveries}
    others = {event.connection for event in book.consumers} - holders
    return sum(
        event.connection in others and event.at_ns >= min(ended)
        for event in history.of(SocketClosed)
    )


def _were_struck(history: History, deliveries: Sequence[Delivery]) -> bool:
    """Tell whether all who held it were struck, so that it came back by no doing of theirs."""
    struck = {event.client for event in history.of(Struck)}
    return bool(deliveries) and all(delivery.client in struck for delivery in deliveries)


def _waited_ms(book: Ledger, published: Published, deliveries: Sequence[Delivery]) -> float:
    """Return how long a task that nobody holds had been ready when the queue was drained."""
    since_ns = (deliveries[-1].ended_at_ns if deliveries else None) or published.at_ns
    until_ns = book.drained[-1].at_ns if book.drained else since_ns
    return (until_ns - since_ns) / 1e6


def _exceeds(most: float, limit: object) -> bool:
    return isinstance(limit, int) and most > limit


def _has_lost_consumers(book: Ledger) -> bool:
    """Tell whether a consumer has left: the last one takes a queue along that is auto-delete."""
    return bool(book.cancelled or {event.connection for event in book.consumers} & book.gone)


def declaration(history: History, queue: str) -> QueueDeclared | None:
    """Return the declaration that made the queue what it is."""
    return next((e for e in history.of(QueueDeclared) if e.queue == queue and not e.passive), None)
