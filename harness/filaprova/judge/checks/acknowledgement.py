"""Acknowledgement: what was settled, what was not, and what came back because of it."""

from __future__ import annotations

from itertools import pairwise

from filaprova.judge.decision import (
    agree,
    counts_text,
    decide,
    doubts_about,
    doubts_about_arrival,
    every,
    life_of,
    named,
    plural,
)
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Verdict
from filaprova.record.act import Struck
from filaprova.record.history import History


@checker
def all_settled(history: History, *, queue: str) -> Verdict:
    """Every task was acknowledged, so that the broker knew it, and no consumer holds any."""
    book = ledger(history, queue)
    unheard = {d.task for d in book.worked if d.unheard}
    acknowledged = {d.task for d in book.worked if d.fate == "acked" and not d.unheard}
    open_tasks = [task for task in book.tasks if task not in acknowledged]
    held = [delivery.task for delivery in book.worked if delivery.fate == "held"]
    doubts = doubts_about(book) or doubts_about_arrival(book)
    faults = []
    if open_tasks:
        faults.append(f"{plural(len(open_tasks), 'task')} never acknowledged: {named(open_tasks)}")
    elif held:
        faults.append(f"still held by a consumer: {named(held)}")
    return decide(
        summary=f"{every(len(book.tasks), 'task')} {agree(len(book.tasks), 'was', 'were')} "
        "acknowledged",
        figures={
            "published": len(book.tasks),
            "acknowledged": len(acknowledged & set(book.tasks)),
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected=f"{len(book.tasks)} acknowledged",
        seen=f"{len(acknowledged)} acknowledged",
        evidence=life_of(book, open_tasks or held),
        blame="worker" if ({*open_tasks, *held} - unheard) & book.last_fates().keys() else None,
    )


@checker
def never_settled(history: History, *, queue: str) -> Verdict:
    """No worker settled anything, so the broker still holds every task as unacknowledged.

    What is put back into the queue is not settled.
    """
    book = ledger(history, queue)
    settled = [event for event in book.settled if not event.requeue]
    last = book.counts[-1].counted if book.counts else None
    doubts = doubts_about(book) or doubts_about_arrival(book)
    if not doubts and last is None:
        doubts = ["the queue was not listed"]
    if not doubts and last is not None and last.unacked_count is None:
        doubts = ["this broker cannot tell how many deliveries are unacknowledged"]
    faults = []
    if settled:
        faults.append(f"settled by a worker: {named([str(event.task) for event in settled])}")
    elif last is not None and (last.ready_count, last.unacked_count) != (0, len(book.tasks)):
        faults.append(
            f"the broker counts {last.ready_count} ready and {last.unacked_count} unacked instead "
            f"of 0 and {len(book.tasks)}"
        )
    return decide(
        summary="nobody acknowledged anything: the queue still holds "
        f"{every(len(book.tasks), 'task')}",
        figures={
            "published": len(book.tasks),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
            "acknowledged": len(settled),
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected=f"0 ready, {len(book.tasks)} unacked",
        seen=counts_text(last),
        evidence=[*settled, *([last] if last else [])],
        blame="worker" if settled else "broker",
    )


@checker
def redelivered_equals_unacked_at_disconnect(history: History, *, queue: str) -> Verdict:
    """Redelivered is exactly what was unacknowledged when its consumer went away.

    Judged delivery by delivery: marked as redelivered are those, and only those, of a task that has
    come back since it was delivered before (AMQP 0-9-1 class basic, method deliver). An
    acknowledgement that the broker could not read before the connection broke is none. What was
    rejected for good and comes again by way of a dead letter queue is another message.
    """
    book = ledger(history, queue)
    back = [d for d in book.deliveries if d.came_back]
    marked = [d for d in book.deliveries if d.event.redelivered]
    wrongly_marked, unmarked, more, waiting = [], [], [], []
    for task, deliveries in book.deliveries_by_task.items():
        if deliveries[0].event.redelivered:
            wrongly_marked.append(task)
        if any(
            not d.event.redelivered and prior.fate != "discarded"
            for prior, d in pairwise(deliveries)
        ):
            unmarked.append(task)
        if any(d.event.redelivered and not prior.came_back for prior, d in pairwise(deliveries)):
            more.append(task)
        if deliveries[-1].came_back:
            waiting.append(task)
    faults = []
    if wrongly_marked:
        faults.append(f"marked as redelivered at its first delivery: {named(wrongly_marked)}")
    if unmarked:
        faults.append(f"delivered again without the mark: {named(unmarked)}")
    if more:
        faults.append(f"delivered again although it had not come back: {named(more)}")
    if waiting and book.drained_whole:
        faults.append(f"came back, but was never delivered again: {named(waiting)}")
    blind = doubts_about(book)
    if not blind and book.starts:
        blind = ["after a restart of the broker its marks follow other rules"]
    doubts = list(blind)
    if not doubts and not back:
        doubts = ["no delivery came back, so there is nothing to judge"]
    if not doubts and waiting and not book.drained_whole:
        doubts = [f"came back and not delivered again so far: {named(waiting)}"]
    return decide(
        summary=f"{plural(len(back), 'delivery')} {agree(len(back), 'was', 'were')} unacknowledged "
        "when the consumer went away, and exactly as many were redelivered",
        figures={"unacked": len(back), "redelivered": len(marked)},
        faults=[] if blind else faults,
        doubts=doubts,
        expected=f"redelivered = unacked at disconnect = {len(back)}",
        seen=f"{plural(len(marked), 'delivery')} marked as redelivered",
        evidence=life_of(book, [*wrongly_marked, *unmarked, *more, *waiting]),
        # Somebody who is not on our record may have had the task before, or have it now.
        blame="broker" if unmarked or more else None,
        hint="does somebody else consume from this queue?"
        if (waiting or wrongly_marked) and not doubts
        else "",
    )


@checker
def queue_already_empty_before_strike(history: History, *, queue: str) -> Verdict:
    """The broker has forgotten every task before the workers have even begun most of them."""
    book = ledger(history, queue)
    strikes = history.of(Struck)
    before = [c.counted for c in book.counts if strikes and c.counted.at_ns < strikes[0].at_ns]
    last = before[-1] if before else None
    begun = {e.task for e in book.received if last is not None and e.at_ns <= last.at_ns}
    not_begun = len(book.tasks) - len(begun)
    doubts = doubts_about(book)
    if not doubts and (last is None or not last.exists):
        doubts = ["the queue was not listed before a strike"]
    if not doubts and last is not None and last.unacked_count is None:
        doubts = ["this broker cannot tell how many deliveries are unacknowledged"]
    if not doubts and not not_begun:
        doubts = ["the workers had begun every task when the queue was listed"]
    faults = []
    if last is not None and (last.ready_count or last.unacked_count):
        faults.append(
            f"the queue still held {last.ready_count} ready, {last.unacked_count} unacked"
        )
    return decide(
        summary=f"the queue was empty while {not_begun} of {plural(len(book.tasks), 'task')} had "
        "not begun",
        figures={
            "published": len(book.tasks),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
            "not_begun": not_begun,
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected="0 ready, 0 unacked",
        seen=counts_text(last),
        evidence=[last] if last else [],
        # Whoever consumes so that it has to acknowledge keeps the broker from forgetting.
        blame="broker"
        if all(consumer.no_ack for consumer in book.consumers)
        and all(delivery.event.no_ack for delivery in book.worked)
        else "worker",
    )
