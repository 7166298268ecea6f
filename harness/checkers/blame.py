"""Who let a queue or a task go: what the record shows of whoever made, emptied or limited it."""

from __future__ import annotations

from harness.checkers.ledger import Ledger
from harness.events import ProgramStarted, Published, QueueDeclared, QueueDeleted, QueuePurged
from harness.history import History
from harness.verdict import Blame

WORKER: Blame = "worker"
PUBLISHER: Blame = "publisher"
HARNESS: Blame = "harness"

LIMITS = ("x-message-ttl", "x-expires", "x-max-length", "x-max-length-bytes")
"""Arguments with which a queue lets tasks go by itself (RabbitMQ documentation, "Time-to-Live and
Expiration" and "Queue Length Limit")."""
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
    """Return who had the broker let the task go by itself, and how; None if nobody was seen to."""
    published: Published = next(event for event in book.published if event.task == task)
    if published.expiration is not None:
        return PUBLISHER, f"it was published to expire after {published.expiration} ms"
    declared = declaration(history, book.queue)
    if declared is None:
        return None, ""
    told = declared.arguments
    limits = [f"{name}={told[name]}" for name in LIMITS if name in told]
    limits += ["auto_delete"] * declared.auto_delete + ["exclusive"] * declared.exclusive
    if limits:
        return role_of(
            history, declared.client
        ), f"its queue was declared with {' and '.join(limits)}"
    limit = told.get("x-delivery-limit", DELIVERY_LIMIT)
    sent_count = len(book.deliveries_by_task.get(task, []))
    if told.get("x-queue-type") == "quorum" and isinstance(limit, int) and sent_count > limit >= 0:
        return WORKER, f"it came back {limit} times, which is the limit of its quorum queue"
    return None, ""


def declaration(history: History, queue: str) -> QueueDeclared | None:
    """Return the declaration that made the queue what it is."""
    return next((e for e in history.of(QueueDeclared) if e.queue == queue and not e.passive), None)
