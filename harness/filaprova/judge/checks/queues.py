"""Queues and programs: declarations refused, deletions, cancellations, and how programs end."""

from __future__ import annotations

from filaprova.judge.decision import agree, decide, plural
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Figure, Verdict
from filaprova.record.act import BrokerStopping
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import OutputLine, ProgramExited, TaskDone
from filaprova.record.wire import (
    ChannelClosed,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
)

PRECONDITION_FAILED = 406


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
    faults, doubts = [], []
    if other:
        faults.append("the queue was declared again with another durability, and that was accepted")
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
        faults.append(
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
        faults=faults,
        doubts=doubts,
        expected="channel.close 406 PRECONDITION_FAILED, the queue as before",
        seen=f"{refused[-1].code} {refused[-1].text}" if refused else "no refusal",
        evidence=[*declared, *refused, *([after] if after else [])],
        # Somebody who is not on our record may have deleted it in between.
        hint="does somebody else use this queue?" if harmed else "",
    )


@checker
def queue_deleted(history: History, *, queue: str) -> Verdict:
    """A deletion drops the ready tasks, cancels the consumers, and is no error without a queue.

    RabbitMQ documentation, "Consumer Cancel Notification": each consumer of the queue is told.
    """
    book = ledger(history, queue)
    deletion = book.deleted[-1] if book.deleted else None
    if deletion is None:
        return decide(figures={}, doubts=[f"nobody deleted {queue}"])
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
    faults, doubts = [], []
    if after is None:
        doubts.append("the queues were not listed after the deletion")
    elif after.exists and any(
        e.queue == queue and not e.passive and at_ns < e.at_ns < after.at_ns
        for e in history.of(QueueDeclared)
    ):
        doubts.append("somebody declared the queue anew before it was listed")
    elif after.exists:
        faults.append("the queue is still there")
    if any(since_ns < event.at_ns < at_ns for event in book.stops):
        doubts.append("the wire cannot tell what a restart left in the queue")
    elif deletion.answered and deletion.message_count != ready_count:
        faults.append(
            f"the broker says that it dropped {plural(deletion.message_count, 'message')}, but "
            f"{ready_count} {agree(ready_count, 'was', 'were')} ready"
        )
    if silent:
        faults.append(f"not told that their queue is gone: {', '.join(silent)}")
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
        faults=faults,
        doubts=doubts,
        expected=f"delete-ok with {ready_count}, {len(active)} basic.cancel",
        seen=f"delete-ok with {deletion.message_count}, {len(active) - len(silent)} basic.cancel",
        evidence=[deletion, *book.cancelled, *([after] if after else [])],
        blame="broker",
    )


@checker
def exited(history: History, *, clients: list[str], exit_code: int) -> Verdict:
    """These programs ended by themselves, with this exit status."""
    ends = {event.client: event for event in history.of(ProgramExited)}
    ways: dict[str, Figure] = {
        client: (end.signal_name if end.exit_code is None else end.exit_code)
        for client in clients
        if (end := ends.get(client)) is not None
    }
    lines: dict[str, Figure] = {
        event.client: event.text
        for event in history.of(OutputLine)
        if event.client in clients and event.text.strip()
    }
    causes_ns = [e.at_ns for e in (*history.of(BrokerStopping), *history.of(QueueDeleted))]
    finished = [
        event
        for event in history.of(TaskDone)
        if event.client in clients and causes_ns and event.at_ns > min(causes_ns)
    ]
    running = [client for client in clients if client not in ends]
    otherwise = [client for client, way in ways.items() if way != exit_code]
    return decide(
        summary=f"{' and '.join(clients)} ended with exit status {exit_code}",
        figures={
            "exit_code": exit_code,
            "exits": ways,
            "last_lines": lines,
            "finished_after": len(finished),
        },
        faults=[f"ended otherwise: {', '.join(f'{c} ({ways[c]})' for c in otherwise)}"]
        if otherwise
        else [],
        doubts=[f"not ended: {', '.join(running)}"] if running else [],
        expected=f"exit status {exit_code}",
        seen=", ".join(f"{client}: {way}" for client, way in ways.items()) or "no end",
        evidence=[ends[client] for client in clients if client in ends],
        blame="worker",
    )
