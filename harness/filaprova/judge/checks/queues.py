"""Queues: how they are declared, what is refused, and what becomes of them when deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from filaprova.judge.blame import declaration, role_of
from filaprova.judge.decision import decide, does_not_apply, plural
from filaprova.judge.ledger import Ledger
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Figure, Verdict
from filaprova.phrase import Phrase, joined, say, say_for
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.wire import (
    ChannelClosed,
    ConsumerStarted,
    PollEmpty,
    Published,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Settled,
)

PRECONDITION_FAILED = 406
INEQUIVALENT = re.compile(
    r"inequivalent arg '(?P<argument>[^']+)' for queue '(?P<queue>[^']*)'.*?"
    r"current is (?:the value )?'?(?P<current>[^']*)"
)
"""What RabbitMQ says when a queue is declared otherwise than it is."""
EXCLUSIVE = re.compile(
    r"(?:queue '(?P<queue>[^']*)' in vhost .* in exclusive use"
    r"|exclusive access to locked queue '(?P<locked>[^']*)')"
)
"""What RabbitMQ says when another has the queue for itself."""


@checker
def declared_as(history: History, *, queue: str, durable: bool) -> Verdict:
    """The queue was made as the exercise wants it: durable, or not."""
    first = declaration(history, queue)
    wanted = _lasting(durable)
    return decide(
        summary=say("the queue was declared as {}", wanted),
        figures={"durable": first.durable if first else None},
        findings=[
            say(
                "{} declared the queue as {}, and the exercise is about one that is {}",
                first.client,
                _lasting(first.durable),
                wanted,
            )
        ]
        if first and first.durable is not durable
        else [],
        doubts=[] if first else [say("nobody was seen to declare {}", queue)],
        expected=wanted,
        seen=_lasting(first.durable) if first else "no declaration",
        evidence=[first] if first else [],
        blame=role_of(history, first.client) if first else None,
    )


def _lasting(durable: bool) -> Phrase:
    return say("durable") if durable else say("not durable")


@checker
def declarations_agree(history: History) -> Verdict:
    """No program was refused a queue because another declared it otherwise, or has it for itself.

    AMQP 0-9-1 class queue, method declare: 406 for other arguments than the queue has. Whoever made
    the queue with an argument that the other does not know of is at fault; where both name it, or
    neither, nobody is. A queue or a consumer that is exclusive shuts out others (403 and 405). Who
    goes on with its work all the same has only tried something out.
    """
    last_ns = _last_works(history)
    closed = [
        event
        for event in history.of(ChannelClosed)
        if event.by == "broker"
        and role_of(history, event.client) != "harness"
        and last_ns.get(event.client, 0) <= event.at_ns
    ]
    refused = [(event, match) for event in closed if (match := INEQUIVALENT.search(event.text))]
    findings: list[str] = []
    culprits: list[Blame | None] = []
    for event, match in refused:
        first = declaration(history, match["queue"])
        findings.append(
            say(
                "{} could not declare {}: it has another {} ({}){}",
                event.client,
                match["queue"],
                match["argument"],
                match["current"],
                say(", as {} declared it", first.client) if first else "",
            )
        )
        if first and "received none" in event.text:
            culprits.append(role_of(history, first.client))
    shut_out = _shut_out(history, closed)
    for event, told, who in shut_out:
        findings.append(say("{} was refused {}", event.client, told))
        culprits.append(who)
    return decide(
        summary="no declaration of a program was refused",
        figures={"refused": len(refused) + len(shut_out)},
        findings=findings,
        expected="all that declare a queue declare it alike",
        seen=joined("; ", findings) or "no refusal",
        evidence=[*(event for event, _ in refused), *(event for event, _, _ in shut_out)],
        blame=culprits[0] if culprits else None,
        hint="declare the queue with the same arguments everywhere"
        if refused
        else "leave exclusive out: a queue of tasks is for several workers",
    )


def _last_works(history: History) -> dict[str, int]:
    """Return when each program last subscribed, published, polled in vain or settled."""
    works: list[ConsumerStarted | Published | PollEmpty | Settled]
    works = [
        *history.of(ConsumerStarted),
        *history.of(Published),
        *history.of(PollEmpty),
        *history.of(Settled),
    ]
    return {event.client: event.at_ns for event in sorted(works, key=lambda event: event.at_ns)}


def _shut_out(
    history: History, closed: Sequence[ChannelClosed]
) -> list[tuple[ChannelClosed, Phrase, Blame | None]]:
    """Return who was refused a queue that another has for itself, which, and whose doing it is."""
    found: list[tuple[ChannelClosed, Phrase, Blame | None]] = []
    claims: list[ConsumerStarted | QueueDeclared]
    claims = [*history.of(ConsumerStarted), *history.of(QueueDeclared)]
    for event in closed:
        match = EXCLUSIVE.search(event.text)
        if match is None:
            continue
        queue = match["queue"] or match["locked"]
        claimed = [e for e in claims if e.queue == queue and e.exclusive and e.at_ns < event.at_ns]
        if claimed:
            who = claimed[-1].client
            told = say("{}: {} has it for itself (exclusive)", queue, who)
        else:
            who = event.client
            told = say("{}, which it wanted for itself (exclusive)", queue)
        found.append((event, told, role_of(history, who)))
    return found


@checker
def redeclare_refused(history: History, *, queue: str) -> Verdict:
    """Declared as it is, a queue accepts it; with another durability it refuses, unharmed.

    AMQP 0-9-1 class queue, method declare, rule "equivalent": 406, and the channel is closed.
    """
    book = ledger(history, queue)
    since_ns = max((event.at_ns for event in (*book.deleted, *book.stops)), default=0)
    declared = [
        e
        for e in history.of(QueueDeclared)
        if e.queue == queue and not e.passive and e.answered and e.at_ns > since_ns
    ]
    refused = [
        e
        for e in history.of(ChannelClosed)
        if e.by == "broker"
        and e.code == PRECONDITION_FAILED
        and f"'{queue}'" in e.text
        and "'durable'" in e.text
    ]
    same = [e for e in declared[1:] if e.durable == declared[0].durable]
    other = [e for e in declared[1:] if e.durable != declared[0].durable]
    listed = next((c for c in book.counts if refused and c.counted.at_ns > refused[-1].at_ns), None)
    after, due_count = (listed.counted, listed.ready_count) if listed else (None, 0)
    findings: list[str] = []
    doubts: list[str] = []
    if other:
        findings.append(
            "the queue was declared again with another durability, and that was accepted"
        )
    elif not refused:
        doubts.append("nobody tried to declare the queue again with another durability")
    if not same:
        doubts.append("nobody declared the queue again as it is")
    if refused and after is None:
        doubts.append("the queue was not listed after the refusal")
    if listed and not due_count:
        doubts.append("the queue was empty, so nothing could have been harmed")
    harmed = after is not None and (not after.exists or after.ready_count != due_count)
    if after is not None and harmed:
        findings.append(
            say_for(
                after.ready_count,
                "the queue was harmed: {} of {} is left",
                "the queue was harmed: {} of {} are left",
                after.ready_count,
                plural(due_count, "task"),
            )
        )
    return decide(
        summary=say(
            "refused with {}; the queue with {} is unharmed, and declaring it as it is was "
            "accepted",
            PRECONDITION_FAILED,
            plural(due_count, "task"),
        ),
        figures={
            "code": refused[-1].code if refused else None,
            "text": refused[-1].text if refused else "",
            "same_accepted": bool(same),
            "ready_after": after.ready_count if after else None,
        },
        findings=findings,
        doubts=doubts,
        expected="channel.close 406 PRECONDITION_FAILED, the queue as before",
        seen=say("{} {}", refused[-1].code, refused[-1].text) if refused else "no refusal",
        evidence=[*declared, *refused, *([after] if after else [])],
        # Somebody who is not on our record may have deleted it in between.
        hint="does somebody else use this queue?" if harmed else "",
    )


def _not_deleted(history: History, book: Ledger) -> Verdict:
    """Return what is to be said where nobody deleted the queue."""
    last = book.counts[-1].counted if book.counts else None
    figures: dict[str, Figure] = {
        "existed": bool(last and last.exists),
        "dropped": 0,
        "unacked_before": 0,
        "cancelled": 0,
    }
    if last is not None and not last.exists:
        return does_not_apply("there was no queue, and nobody deleted one", figures=figures)
    others = [event for event in history.of(QueueDeleted) if event.queue != book.queue]
    instead = (
        say("; {} deleted {} instead", others[0].client, repr(others[0].queue)) if others else ""
    )
    return decide(
        figures=figures,
        findings=[say("the queue is still there, and nobody deleted it{}", instead)]
        if last
        else [],
        doubts=[say("nobody deleted {}", book.queue)],
        expected="the queue is deleted",
        seen=say("no deletion{}", instead),
        evidence=[*others, *([last] if last else [])],
        hint="does the tool name the queue that the others use?" if others else "",
    )


@checker
def queue_deleted(history: History, *, queue: str) -> Verdict:
    """A deletion drops the ready tasks, cancels the consumers, and is no error without a queue.

    RabbitMQ documentation, "Consumer Cancel Notification": each consumer of the queue is told.
    """
    book = ledger(history, queue)
    deletion = book.deleted[-1] if book.deleted else None
    if deletion is None:
        return _not_deleted(history, book)
    at_ns = deletion.at_ns
    since_ns = book.deleted[-2].at_ns if len(book.deleted) > 1 else 0
    existed = any(
        e.queue == queue and since_ns < e.at_ns < at_ns
        for e in history.of(QueueDeclared)
        if e.answered
    )
    after = next((c.counted for c in book.counts if c.counted.at_ns > at_ns), None)
    # Deliveries of before can be recorded after the answer: each connection has its own way.
    sent = [d for d in book.deliveries if d.event.at_ns > since_ns]
    came_back = sum(d.fate in ("returned", "requeued") and d.ended_before(at_ns) for d in sent)
    purged = sum(
        event.message_count
        for event in history.of(QueuePurged)
        if event.queue == queue and since_ns < event.at_ns < at_ns
    )
    given = sum(
        since_ns < event.at_ns < at_ns and index not in book.turned_away
        for index, event in enumerate(book.published)
    )
    ready_count = given - len(sent) + came_back - purged
    unacked_count = sum(
        d.fate != "automatic" and d.client != DRAIN and not d.ended_before(at_ns) for d in sent
    )
    active = [
        c
        for c in book.consumers
        if since_ns < c.at_ns < at_ns and end_of(history, c, at_ns, by_notice=False) >= at_ns
    ]
    cancelled = {(e.connection, e.consumer_tag) for e in book.cancelled if e.by == "broker"}
    silent = [c.client for c in active if (c.connection, c.consumer_tag) not in cancelled]
    anew = [
        e
        for e in history.of(QueueDeclared)
        if e.queue == queue and not e.passive and after and at_ns < e.at_ns < after.at_ns
    ]
    findings: list[str] = []
    doubts: list[str] = []
    if after is None:
        doubts.append("the queues were not listed after the deletion")
    elif after.exists and anew:
        who = anew[0].client
        if who == deletion.client:
            findings.append(
                say("the queue is still there: {} declared it anew after its deletion", who)
            )
        else:
            doubts.append(say("{} declared the queue anew before it was listed", who))
    elif after.exists:
        findings.append("the queue is still there")
    if purged and not deletion.message_count and not ready_count:
        doubts.append("the queue was purged before, so that its deletion dropped nothing")
    if any(since_ns < event.at_ns < at_ns for event in book.stops):
        doubts.append("the wire cannot tell what a restart left in the queue")
    elif deletion.answered and deletion.message_count != ready_count:
        findings.append(
            say_for(
                ready_count,
                "the broker says that it dropped {}, but {} was ready",
                "the broker says that it dropped {}, but {} were ready",
                plural(deletion.message_count, "message"),
                ready_count,
            )
        )
    if silent:
        findings.append(say("not told that their queue is gone: {}", ", ".join(silent)))
    return decide(
        summary=say(
            "the queue is gone, with {} ready and {} unacknowledged; {} cancelled",
            deletion.message_count,
            unacked_count,
            plural(len(active), "consumer"),
        )
        if existed
        else "there was no queue, and deleting it was no error",
        figures={
            "existed": existed,
            "dropped": deletion.message_count,
            "unacked_before": unacked_count,
            "cancelled": len(active) - len(silent),
        },
        findings=findings,
        doubts=doubts,
        expected=_answers(ready_count, len(active)),
        seen=_answers(deletion.message_count, len(active) - len(silent)),
        evidence=[deletion, *anew, *book.cancelled, *([after] if after else [])],
        blame=(role_of(history, anew[0].client) if findings else None) if anew else "broker",
    )


def _answers(dropped: int, cancelled: int) -> Phrase:
    return say("delete-ok with {}, {} basic.cancel", dropped, cancelled)
