"""Queues and programs: declarations refused, deletions, cancellations, and how programs end."""

from __future__ import annotations

import re

from filaprova.judge.blame import declaration, role_of
from filaprova.judge.completion import body_of, service_s
from filaprova.judge.decision import agree, decide, does_not_apply, plural
from filaprova.judge.ledger import Ledger
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Figure, Verdict
from filaprova.record.act import BrokerStopped, BrokerStopping, Struck, WaitedInVain
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import OutputLine, ProgramExited, TaskDone
from filaprova.record.wire import (
    ChannelClosed,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PollEmpty,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
)

PRECONDITION_FAILED = 406
INEQUIVALENT = re.compile(
    r"inequivalent arg '(?P<argument>[^']+)' for queue '(?P<queue>[^']*)'.*?"
    r"current is (?:the value )?'?(?P<current>[^']*)"
)
"""What RabbitMQ says when a queue is declared otherwise than it is."""
NOTICED = "ended or back"
"""The wait for programs to notice that their queue or broker is gone."""


@checker
def declared_as(history: History, *, queue: str, durable: bool) -> Verdict:
    """The queue was made as the exercise wants it: durable, or not."""
    first = declaration(history, queue)
    wanted = "durable" if durable else "not durable"
    return decide(
        summary=f"the queue was declared as {wanted}",
        figures={"durable": first.durable if first else None},
        findings=[
            f"{first.client} declared the queue as {'' if first.durable else 'not '}durable, and "
            f"the exercise is about one that is {wanted}"
        ]
        if first and first.durable is not durable
        else [],
        doubts=[] if first else [f"nobody was seen to declare {queue}"],
        expected=wanted,
        seen=("durable" if first.durable else "not durable") if first else "no declaration",
        evidence=[first] if first else [],
        blame=role_of(history, first.client) if first else None,
    )


@checker
def declarations_agree(history: History) -> Verdict:
    """No program's declaration of a queue was refused because another declared it otherwise.

    AMQP 0-9-1 class queue, method declare: 406 for other arguments than the queue has. Whoever made
    the queue with an argument that the other does not know of is at fault; where both name it, or
    neither, nobody is.
    """
    refused = [
        (event, match)
        for event in history.of(ChannelClosed)
        if event.by == "broker"
        and role_of(history, event.client) != "harness"
        and (match := INEQUIVALENT.search(event.text))
    ]
    findings, culprits = [], []
    for event, match in refused:
        first = declaration(history, match["queue"])
        by = f", as {first.client} declared it" if first else ""
        findings.append(
            f"{event.client} could not declare {match['queue']}: it has another "
            f"{match['argument']} ({match['current']}){by}"
        )
        if first and "received none" in event.text:
            culprits.append(role_of(history, first.client))
    return decide(
        summary="no declaration of a program was refused",
        figures={"refused": len(refused)},
        findings=findings,
        expected="all that declare a queue declare it alike",
        seen="; ".join(findings) or "no refusal",
        evidence=[event for event, _ in refused],
        blame=culprits[0] if culprits else None,
        hint="declare the queue with the same arguments everywhere" if findings else "",
    )


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
    findings, doubts = [], []
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
            f"the queue was harmed: {after.ready_count} of {plural(due_count, 'task')} "
            f"{agree(after.ready_count, 'is', 'are')} left"
        )
    return decide(
        summary=f"refused with {PRECONDITION_FAILED}; the queue with "
        f"{plural(due_count, 'task')} is unharmed, and declaring it as it is was accepted",
        figures={
            "code": refused[-1].code if refused else None,
            "text": refused[-1].text if refused else "",
            "same_accepted": bool(same),
            "ready_after": after.ready_count if after else None,
        },
        findings=findings,
        doubts=doubts,
        expected="channel.close 406 PRECONDITION_FAILED, the queue as before",
        seen=f"{refused[-1].code} {refused[-1].text}" if refused else "no refusal",
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
    instead = f"; {others[0].client} deleted {others[0].queue!r} instead" if others else ""
    return decide(
        figures=figures,
        findings=[f"the queue is still there, and nobody deleted it{instead}"] if last else [],
        doubts=[f"nobody deleted {book.queue}"],
        expected="the queue is deleted",
        seen="no deletion" + instead,
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
    findings, doubts = [], []
    if after is None:
        doubts.append("the queues were not listed after the deletion")
    elif after.exists and anew:
        who = anew[0].client
        if who == deletion.client:
            findings.append(f"the queue is still there: {who} declared it anew after its deletion")
        else:
            doubts.append(f"{who} declared the queue anew before it was listed")
    elif after.exists:
        findings.append("the queue is still there")
    if purged and not deletion.message_count and not ready_count:
        doubts.append("the queue was purged before, so that its deletion dropped nothing")
    if any(since_ns < event.at_ns < at_ns for event in book.stops):
        doubts.append("the wire cannot tell what a restart left in the queue")
    elif deletion.answered and deletion.message_count != ready_count:
        findings.append(
            f"the broker says that it dropped {plural(deletion.message_count, 'message')}, but "
            f"{ready_count} {agree(ready_count, 'was', 'were')} ready"
        )
    if silent:
        findings.append(f"not told that their queue is gone: {', '.join(silent)}")
    return decide(
        summary=f"the queue is gone, with {deletion.message_count} ready and {unacked_count} "
        f"unacknowledged; {plural(len(active), 'consumer')} cancelled"
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
        expected=f"delete-ok with {ready_count}, {len(active)} basic.cancel",
        seen=f"delete-ok with {deletion.message_count}, {len(active) - len(silent)} basic.cancel",
        evidence=[deletion, *anew, *book.cancelled, *([after] if after else [])],
        blame=(role_of(history, anew[0].client) if findings else None) if anew else "broker",
    )


@checker
def ended_or_came_back(history: History, *, clients: list[str]) -> Verdict:
    """Each of these programs noticed what happened: it ended, or it subscribed anew.

    How it ends is its own affair, and is reported. One that runs on and consumes no more is deaf:
    whoever supervises it sees nothing wrong.
    """
    since_ns = _shaken_since_ns(history, clients)
    causes = list(since_ns.values())
    ends = {event.client: event for event in history.of(ProgramExited) if event.client in clients}
    ways: dict[str, Figure] = {
        client: end.signal_name if end.exit_code is None else end.exit_code
        for client, end in ends.items()
    }
    down_ns = max((event.at_ns for event in history.of(BrokerStopped)), default=0)
    anew: dict[str, Event] = {}
    asking: list[ConsumerStarted | PollEmpty | Delivered]
    asking = [*history.of(ConsumerStarted), *history.of(PollEmpty), *history.of(Delivered)]
    for event in asking:
        after_ns = since_ns.get(event.client, event.at_ns)
        if not isinstance(event, ConsumerStarted):
            after_ns = max(after_ns, down_ns)  # until it is down, a broker answers polls
        if _asked_queue(event) is not None and event.at_ns > after_ns:
            anew.setdefault(event.client, event)
    back = [client for client in anew if client not in ends]
    lines: dict[str, Figure] = {
        event.client: event.text
        for event in history.of(OutputLine)
        if event.client in clients and event.text.strip()
    }
    finished = [
        event
        for event in history.of(TaskDone)
        if event.at_ns > since_ns.get(event.client, event.at_ns)
    ]
    deaf = [client for client in clients if client not in ends and client not in back]
    waited = any(event.kind == NOTICED for event in history.of(WaitedInVain))
    codes = sorted({str(way) for way in ways.values()})
    told = [f"{client} ended with {ways[client]}" for client in ends]
    told += [
        f"{client} {'subscribed anew' if isinstance(anew[client], ConsumerStarted) else 'polls on'}"
        for client in back
    ]
    told += [f"{client} runs on and consumes no more" for client in deaf]
    return decide(
        summary=", ".join(told),
        figures={
            "exit_code": ", ".join(codes),
            "exits": ways,
            "came_back": list(back),
            "last_lines": lines,
            "finished_after": len(finished),
        },
        findings=[f"neither ended nor subscribed anew: {', '.join(deaf)}"]
        if deaf and waited
        else [],
        doubts=[f"neither ended nor subscribed anew so far: {', '.join(deaf)}"]
        if deaf
        else []
        if causes
        else ["nothing happened that they could have noticed"],
        expected="each ends, or subscribes anew",
        seen=", ".join(told) or "nothing",
        evidence=[*ends.values(), *anew.values()],
        blame="worker",
        hint="a consumer is told that its queue or connection is gone: handle it, or end"
        if deaf
        else "",
    )


def _shaken_since_ns(history: History, clients: list[str]) -> dict[str, int]:
    """Return when first something befell what each of these programs was subscribed to."""
    since_ns: dict[str, int] = {}
    queues: dict[str, set[str]] = {}
    for event in history:
        match event:
            case ConsumerStarted() | PollEmpty() | Delivered() if event.client in clients:
                asked = _asked_queue(event)
                if asked is not None:
                    queues.setdefault(event.client, set()).add(asked)
            case BrokerStopping():
                since_ns = dict.fromkeys(queues, event.at_ns) | since_ns
            case QueueDeleted():
                hit = {client: event.at_ns for client in queues if event.queue in queues[client]}
                since_ns = hit | since_ns
            case ConsumerCancelled(by="broker") if event.client in clients:
                since_ns.setdefault(event.client, event.at_ns)
    return since_ns


def _asked_queue(event: Event) -> str | None:
    """Return the queue that a client has just asked for tasks, by subscribing or by polling."""
    match event:
        case ConsumerStarted() | PollEmpty():
            return event.queue
        case Delivered(consumer_tag=None):
            return event.queue
    return None


@checker
def ended_when_told(history: History, *, queue: str, clients: list[str]) -> Verdict:
    """A worker that is told to end does so once its work in hand can be done.

    A signal that cannot be caught ends it anyway. One that handles a signal may finish what it has
    in hand; one that neither settles a task nor ends, for longer than all that it holds takes,
    keeps these tasks from everybody for as long as it runs; and one that holds nothing any more,
    and stays subscribed, goes on as if nobody had told it.
    """
    book = ledger(history, queue)
    findings, doubts, told = [], [], []
    ends = {event.client: event for event in history.of(ProgramExited)}
    strikes = [event for event in history.of(Struck) if event.client in clients]
    for strike in strikes:
        client = strike.client
        gave_up = [
            event
            for event in history.of(WaitedInVain)
            if event.at_ns > strike.at_ns and f" {client} to end " in event.told
        ]
        if client not in ends:
            doubts.append(f"{client} has not ended")
            continue
        if not gave_up or strike.signal_name == "SIGKILL":
            told.append(f"{client} ended {_way(ends[client])}")
            continue
        until_ns = gave_up[0].at_ns
        sent = [d for d in book.worked if d.client == client and d.sent_at_ns < until_ns]
        own = [d for d in sent if d.fate != "automatic"]
        kept = [d for d in own if d.fate in ("held", "returned")]
        settled_ns = [e.at_ns for e in book.settled if e.client == client and e.at_ns < until_ns]
        idle_ns = until_ns - max([strike.at_ns, *settled_ns])
        idle_s = idle_ns / 1e9
        takes_s = sum(service_s(history, body_of(d.event)) for d in kept)
        waited_s = (until_ns - strike.at_ns) / 1e9
        what = f"{client} did not end within {waited_s:.1f} s of {strike.signal_name}"
        if 0 < takes_s < idle_s / 2:
            findings.append(
                f"{what}: it kept {plural(len(kept), 'task')} ({takes_s:.2f} s of work), and "
                f"settled nothing any more for {idle_s:.1f} s"
            )
        elif (
            own == sent != []
            and not kept
            and idle_s > waited_s / 2
            and ends[client].signal_name == "SIGKILL"
            and _is_subscribed(history, book, client, until_ns - idle_ns // 2)
        ):
            findings.append(
                f"{what}: it held nothing any more for {idle_s:.1f} s, and stayed subscribed"
            )
        else:
            doubts.append(what)
    return decide(
        summary="; ".join(told) or "nobody was told to end",
        figures={"told": len(strikes), "stayed": len(findings)},
        findings=findings,
        doubts=doubts or ([] if strikes else ["nobody was struck"]),
        expected="each ends, or at least goes on settling what it holds",
        seen="; ".join([*findings, *doubts, *told]),
        evidence=[*strikes, *(ends[client] for client in clients if client in ends)],
        blame="worker",
        hint="leave the loop in the signal's handler, and hand back what is not done"
        if findings
        else "",
    )


def _is_subscribed(history: History, book: Ledger, client: str, at_ns: int) -> bool:
    own = [c for c in book.consumers if c.client == client and c.at_ns < at_ns]
    return any(end_of(history, consumer, at_ns) >= at_ns for consumer in own)


def _way(end: ProgramExited) -> str:
    return f"by {end.signal_name}" if end.signal_name else f"with exit status {end.exit_code}"
