"""Prefetch: how many tasks does a worker hold at once, and does its limit hold?"""

from __future__ import annotations

from collections import Counter

from filaprova.judge.decision import (
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_output,
    plural,
    share_text,
)
from filaprova.judge.ledger import Ledger
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.subscriptions import POLLING, limit_of, only_polls
from filaprova.judge.verdict import Verdict
from filaprova.phrase import Phrase, joined, say
from filaprova.record.history import History
from filaprova.record.wire import PrefetchSet


@checker
def prefetch_respected(history: History, *, queue: str, at_most: int | None = None) -> Verdict:
    """No program ever holds more unacknowledged tasks than its prefetch limits allow.

    With ``at_most`` no program may ask for more than that, by however many subscriptions.
    """
    book = ledger(history, queue)
    peaks = _held_at_once(book)
    limits = _limits(history, book)
    unlimited = [client for client, limit in limits.items() if not limit]
    greedy = [c for c, limit in limits.items() if at_most is not None and not 0 < limit <= at_most]
    over = [client for client, limit in limits.items() if peaks[client] > limit]
    most = max(peaks.values(), default=0)
    if only_polls(book):
        return does_not_apply(
            say("{}, which no prefetch limits", POLLING),
            figures={"prefetch": 0, "high_water": {}, "most": 0},
        )
    doubts = doubts_about(book)
    if not doubts and unlimited and not greedy:
        doubts = [say("no prefetch limit is in force for {}", ", ".join(unlimited))]
    if not doubts and not any(peaks.values()) and not greedy:
        doubts = ["nothing was delivered that has to be acknowledged"]
    findings: list[str] = []
    if at_most is not None and greedy:
        told = _limit_text({client: limits[client] for client in greedy})
        findings.append(say("asked for more than {} at a time: {}", at_most, told))
    elif over:
        told = share_text({client: peaks[client] for client in over})
        findings.append(say("held more than the limit: {}", told))
    return decide(
        summary=say("no consumer ever held more than {}", plural(most, "unacknowledged task")),
        figures={
            "prefetch": max(limits.values(), default=0),
            "high_water": dict(peaks),
            "most": most,
        },
        findings=findings,
        blind=doubts,
        expected=say("at most {}", _limit_text(limits))
        if at_most is None
        else say("at most {} each", at_most),
        seen=share_text(peaks),
        evidence=[*book.consumers, *(d.event for d in book.worked if d.client in over)],
        blame="worker" if greedy else "broker",
    )


@checker
def prefetch_ineffective(history: History, *, queue: str) -> Verdict:
    """A prefetch that was set holds nothing back: more than that was held at one moment.

    RabbitMQ documentation, "Consumer Prefetch": the limit applies to consumers started after it was
    set, and to deliveries that have to be acknowledged.
    """
    book = ledger(history, queue)
    clients = {consumer.client for consumer in book.consumers}
    settings = [e for e in history.of(PrefetchSet) if e.client in clients and e.prefetch_count]
    limit = settings[-1].prefetch_count if settings else 0
    done_at = {(event.client, event.task): event.at_ns for event in book.done}
    peaks = _held_at_once(book, done_at)
    most = max(peaks.values(), default=0)
    # What has to be acknowledged is held until the wire shows that it was.
    automatic = {delivery.client for delivery in book.worked if delivery.fate == "automatic"}
    doubts = doubts_about(book) or doubts_about_output(book, automatic)
    if not doubts and not settings:
        doubts = ["no consumer set a prefetch"]
    if not doubts and len(book.worked) <= limit:
        doubts = [
            say("no more than {} could have been held: {} delivered", limit, len(book.worked))
        ]
    return decide(
        summary=say(
            "a prefetch of {} was set, yet {} of {} were held at once",
            limit,
            most,
            plural(len(book.tasks), "task"),
        ),
        figures={"prefetch": limit, "held_at_once": most, "published": len(book.tasks)},
        findings=[say("the prefetch of {} had its effect: {} held at once", limit, most)]
        if most <= limit
        else [],
        blind=doubts,
        expected=say("more than {} held at once", limit),
        seen=say("{} held at once", most),
        evidence=[*settings, *book.consumers, *(delivery.event for delivery in book.worked)],
    )


def _limits(history: History, book: Ledger) -> dict[str, int]:
    """Return how many deliveries each program may hold at once; 0: no limit is in force.

    Each subscription has the limit for itself; what counts is how many there are at one moment.
    """
    limits: dict[str, int] = {}
    for new in book.consumers:
        limit = limit_of(
            c
            for c in book.consumers
            if c.client == new.client and c.at_ns <= new.at_ns <= end_of(history, c, new.at_ns)
        )
        known = limits.get(new.client, limit)
        limits[new.client] = max(known, limit) if known and limit else 0
    return limits


def _limit_text(limits: dict[str, int]) -> Phrase:
    told = [say("{} {}", c, limit or say("without limit")) for c, limit in limits.items()]
    return joined(", ", told)


def _held_at_once(
    book: Ledger, done_at: dict[tuple[str, str | None], int] | None = None
) -> Counter[str]:
    """Return the most deliveries that each consumer held at one moment.

    A delivery is held until it is settled or comes back; where it needs no acknowledgement, until
    the worker is done with it, if ``done_at`` tells when.
    """
    steps: list[tuple[int, int, str]] = []
    for delivery in book.worked:
        if delivery.event.consumer_tag is None:
            continue  # whoever asks for one task (basic.get) is not held back by a prefetch
        ended_at_ns = delivery.ended_at_ns
        if delivery.fate == "automatic" and done_at is not None:
            ended_at_ns = done_at.get((delivery.client, delivery.task))
        steps.append((delivery.event.at_ns, 1, delivery.client))
        if ended_at_ns is not None:
            steps.append((ended_at_ns, -1, delivery.client))
    held: Counter[str] = Counter()
    peaks = Counter({consumer.client: 0 for consumer in book.consumers})
    for _, change, client in sorted(steps):
        held[client] += change
        peaks[client] = max(peaks[client], held[client])
    return peaks
