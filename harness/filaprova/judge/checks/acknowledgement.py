"""Acknowledgement: what was settled, what was not, and what came back because of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from filaprova.judge.balance import balance
from filaprova.judge.blame import role_of, who_limited
from filaprova.judge.completion import body_of
from filaprova.judge.decision import (
    counts_text,
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_arrival,
    doubts_about_dismissals,
    every,
    life_of,
    named,
    plural,
)
from filaprova.judge.leaving import handed_back, in_order_text, not_of_itself, told_to_end
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import CONNECTION_FORCED, ledger
from filaprova.judge.subscriptions import only_polls
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import Phrase, joined, joined_names, say, say_for
from filaprova.record.act import Struck, WaitedInVain
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, WorkBegan, WorkEnded
from filaprova.record.wire import ChannelClosed, ConnectionClosed, Delivered, PollEmpty, Settled

REAL_SECONDS_PER_DOT = 1.2
REAL_SECONDS = 2.0
"""How long a worker whose waits are not scaled may be at a task, with something to spare."""

PATIENCE_NS = 5_000_000_000
"""For so long whoever polls may rest while tasks wait; its sleeps are shortened."""
UNKNOWN_TAG = "unknown delivery tag"
BREACHES = {501, 502, 503, 504, 505, 540}
"""Reply codes with which the broker closes on whoever does not keep to the protocol."""
OWN_MISTAKE = re.compile(
    r"invalid message|invalid expiration|user_id property set|fast reply consumer"
    r"|cannot switch from|channel is not transactional|no previously declared queue"
    r"|contains reserved prefix|not permitted on the default exchange"
    r"|attempt to reuse consumer tag|larger than (?:configured )?max"
)
"""What RabbitMQ says where it closes a channel for what no other program has to do with."""


@checker
def all_settled(history: History, *, queue: str) -> Verdict:
    """Every task was acknowledged, so that the broker knew it, and no consumer holds any."""
    book = ledger(history, queue)
    unheard = {d.task for d in book.worked if d.unheard}
    acknowledged = Counter(d.task for d in book.worked if d.fate == "acked" and not d.unheard)
    letters = Counter(balance(history, book).dead_lettered)
    open_tasks = list((Counter(book.tasks) - acknowledged - letters).elements())
    held = [delivery.task for delivery in book.worked if delivery.fate == "held"]
    blind = doubts_about(book, one_by_one=False) or doubts_about_arrival(book)
    doubts = _why_not_yet(history, book, open_tasks) if open_tasks else []
    kept = {*open_tasks, *held} - unheard
    holders = [d.client for task, d in book.last_deliveries().items() if task in kept]
    findings = []
    if open_tasks and not doubts:
        findings.append(
            say("{} never acknowledged: {}", plural(len(open_tasks), "task"), named(open_tasks))
        )
    elif held and not open_tasks:
        findings.append(say("still held by a consumer: {}", named(held)))
    dead = say(", but for {} that went to a dead letter queue", letters.total()) if letters else ""
    return decide(
        summary=say_for(
            len(book.tasks),
            "{} was acknowledged{}",
            "{} were acknowledged{}",
            every(len(book.tasks), "task"),
            dead,
        ),
        figures={
            "published": len(book.tasks),
            "acknowledged": (acknowledged & Counter(book.tasks)).total(),
        },
        findings=findings,
        blind=blind,
        doubts=doubts,
        expected=say("{} acknowledged", len(book.tasks)),
        seen=say("{} acknowledged", acknowledged.total()),
        evidence=life_of(book, open_tasks or held),
        blame=_consumers_role(history, holders)
        if holders
        else "worker"
        if _all_left(history, book) or _stopped_asking(history, book)
        else None,
        hint=_why_open(history, book) if open_tasks else "",
    )


def _consumers_role(history: History, clients: Sequence[str]) -> Blame:
    """Return what those are who consumed: publishers only if there is no worker among them."""
    roles = {role_of(history, client) for client in clients}
    return "publisher" if roles == {"publisher"} else "worker"


def _all_left(history: History, book: Ledger) -> bool:
    """Tell whether all who consumed had ended by themselves, although nobody had told them to."""
    ended = {event.client for event in history.of(ProgramExited)} - not_of_itself(history)
    consuming = {delivery.client for delivery in book.worked}
    consuming |= {consumer.client for consumer in book.consumers}
    return bool(consuming) and consuming <= ended


def _stopped_asking(history: History, book: Ledger) -> bool:
    """Tell whether all who poll leave tasks waiting for long: none has asked, or is about to.

    Whoever is in a sleep asks again when that is over, and no sooner.
    """
    vain = history.of(WaitedInVain)
    if not vain or not only_polls(book):
        return False
    until_ns = vain[0].at_ns
    asked_ns: dict[str, int] = {}
    again_ns: dict[str, int] = {}
    for event in history:
        if event.at_ns > until_ns:
            break
        match event:
            case PollEmpty(queue=book.queue) | Delivered(queue=book.queue):
                asked_ns[event.client] = event.at_ns
                again_ns.pop(event.client, None)  # what still sleeps is another thread
            case WorkBegan():
                again_ns[event.client] = event.at_ns + round(event.seconds * 1e9)
            case WorkEnded():
                again_ns.pop(event.client, None)
    rests = [max(until_ns, again_ns.get(c, until_ns)) - ns for c, ns in asked_ns.items()]
    return bool(rests) and min(rests) > PATIENCE_NS


def _why_not_yet(history: History, book: Ledger, open_tasks: Sequence[str]) -> list[str]:
    """Return why tasks may still be acknowledged by and by.

    A scenario that waited in vain may have had no patience: who holds tasks and settled one lately
    may work in real time, a second for each dot. And what a worker has published again, to try it
    later, comes after what the scenario waited for.
    """
    retried = {e.task for e in book.published if role_of(history, e.client) == "worker"}
    if retried.issuperset(open_tasks):
        return [
            say("published again by a worker, and not acknowledged so far: {}", named(open_tasks))
        ]
    vain = history.of(WaitedInVain)
    if not vain:
        return []
    until_ns = vain[0].at_ns
    held: dict[str, list[Delivery]] = {}
    for d in book.worked:
        if d.sent_at_ns <= until_ns and not d.ended_before(until_ns) and d.fate != "automatic":
            held.setdefault(d.client, []).append(d)
    for client, deliveries in held.items():
        settled = [
            e.at_ns
            for e in book.settled
            if e.client == client and e.at_ns <= until_ns and not e.requeue
        ]
        first_ns = min(
            each.sent_at_ns
            for d in deliveries
            for each in book.deliveries_by_task[d.task]
            if each.client == client
        )
        since_ns = max([*settled, first_ns])
        dots = max(body_of(d.event).count(".") for d in deliveries)
        if (until_ns - since_ns) / 1e9 >= REAL_SECONDS_PER_DOT * dots + REAL_SECONDS:
            return []  # whatever it does, it is not at a task of the lesson
    if not held:
        return []
    return [
        say(
            "{} still held tasks when the scenario went on, and may be at them in real time",
            joined_names(list(held)),
        )
    ]


def _why_open(history: History, book: Ledger) -> str:
    """Return what of the record tells why tasks were not acknowledged."""
    undone = [event for event in book.undone if isinstance(event, Settled)]
    if undone:
        return say("{} acknowledges in a transaction that it never commits", undone[0].client)
    clients = {delivery.client for delivery in book.worked}
    closings: list[ChannelClosed | ConnectionClosed]
    closings = [*history.of(ChannelClosed), *history.of(ConnectionClosed)]
    for event in closings:
        if event.client in clients and event.by == "broker" and event.code != CONNECTION_FORCED:
            why = f"{event.code} {event.text}".strip()
            return say("the broker closed on {}: {}", event.client, why)
    return ""


@checker
def acknowledgement_mode(history: History, *, queue: str, manual: bool) -> Verdict:
    """Workers acknowledge themselves, or leave it to the broker, as the exercise says.

    One that acknowledges itself where it need not is let be: only what it never settles stands in
    the way, once it has done a task, or gone on to the next without having been told to end.
    """
    book = ledger(history, queue)
    automatic = list(dict.fromkeys(d.client for d in book.worked if d.event.no_ack))
    settling = {event.client for event in book.settled}
    asking = list(dict.fromkeys(d.client for d in book.worked if not d.event.no_ack))
    finished = {event.client for event in book.done}
    begun = Counter(client for clients in book.finishers("received").values() for client in clients)
    finished |= {client for client, count in begun.items() if count > 1} - told_to_end(history)
    never = [client for client in asking if client not in settling]
    early = [client for client in never if client not in finished]
    findings, culprits = [], automatic if manual else [c for c in never if c in finished]
    if manual and automatic:
        findings.append(
            say(
                "{} consumed with automatic acknowledgement (no_ack), so that nothing of it is "
                "ever acknowledged",
                joined_names(automatic),
            )
        )
    if not manual and culprits:
        findings.append(
            say(
                "{} consumed so that each task has to be acknowledged, and never acknowledged any",
                joined_names(culprits),
            )
        )
    doubts = [] if book.worked else ["no worker was sent anything"]
    if not manual and early:
        doubts.append(
            say_for(
                len(early),
                "{} has to acknowledge, and was not seen to be done with any task",
                "{} have to acknowledge, and were not seen to be done with any task",
                joined_names(early),
            )
        )
    return decide(
        summary=_as_wanted(len({*automatic, *asking}), manual=manual)
        if manual or not asking
        else say("{} acknowledged, although nobody asked for that", joined_names(asking)),
        figures={"automatic": len(automatic), "manual": len(asking)},
        findings=findings,
        doubts=doubts,
        expected="each worker acknowledges its tasks itself"
        if manual
        else "each worker leaves acknowledging to the broker",
        seen=say("{} with automatic acknowledgement, {} with manual", len(automatic), len(asking)),
        evidence=[*book.consumers, *(d.event for d in book.worked[:1])],
        blame=_consumers_role(history, culprits),
    )


def _as_wanted(count: int, *, manual: bool) -> Phrase:
    workers = plural(count, "worker")
    if manual:
        return say_for(
            count,
            "{} acknowledges its tasks itself",
            "{} acknowledge their tasks themselves",
            workers,
        )
    return say_for(
        count,
        "{} leaves acknowledging to the broker",
        "{} leave acknowledging to the broker",
        workers,
    )


@checker
def kept_to_protocol(history: History) -> Verdict:
    """No program breaks the rules of the protocol, so that the broker closes on it.

    The broker closes the channel, with 406, for settling what is not held on it (RabbitMQ
    documentation, "Consumer Acknowledgements", "Double Acking and Unknown Tags"): twice the same
    delivery, one of another channel or of a connection that is gone, or a wrong number. It closes
    the connection for what is no valid command, or for one that it does not have (AMQP 0-9-1
    section 1.3, reply codes 501 to 505 and 540), and the channel for a message that cannot be
    valid, or for a mode that the channel does not have.
    """
    closings: list[ChannelClosed | ConnectionClosed]
    closings = [*history.of(ChannelClosed), *history.of(ConnectionClosed)]
    closings = [e for e in closings if e.by == "broker" and role_of(history, e.client) != "harness"]
    unheld = [e for e in closings if isinstance(e, ChannelClosed) and UNKNOWN_TAG in e.text]
    breaches = [e for e in closings if e.code in BREACHES or OWN_MISTAKE.search(e.text)]
    refused = [*unheld, *breaches]
    clients = list(dict.fromkeys(event.client for event in unheld))
    closed = {(event.connection, event.channel) for event in unheld}
    strays = [
        event
        for event in history.of(Settled)
        if event.task is None and (event.connection, event.channel) in closed
    ]
    tags = list(dict.fromkeys(f"{event.client}: {event.delivery_tag}" for event in strays))
    first: dict[str, ChannelClosed | ConnectionClosed] = {}
    for event in breaches:
        first.setdefault(event.client, event)
    findings = [
        say("the broker closed on {}, which had broken the protocol: {}", event.client, event.text)
        for event in first.values()
    ]
    if unheld:
        findings.insert(
            0,
            say_for(
                len(clients),
                "{} settled a delivery that it did not hold on that channel, and the broker closed "
                "it",
                "{} settled a delivery that they did not hold on that channel, and the broker "
                "closed it",
                joined_names(clients),
            ),
        )
    return decide(
        summary="nobody broke the protocol, or settled what it did not hold",
        figures={"refused": len(refused)},
        findings=findings,
        expected="each command is valid; each delivery is settled once, on its own channel",
        seen=say("settled unheld, by delivery tag: {}", ", ".join(tags[:5]))
        if tags
        else joined("; ", findings) or "no refusal",
        evidence=[*strays[:3], *refused],
        blame=role_of(history, refused[0].client) if refused else None,
        hint="settle with the delivery_tag of the delivery itself, on its own channel"
        if unheld
        else "look up the arguments of what it called last: their order, and what is allowed",
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
    if not settled:
        doubts = doubts or doubts_about_dismissals(book)
    if not doubts and last is None:
        doubts = ["the queue was not listed"]
    if not doubts and last is not None and last.unacked_count is None:
        doubts = ["this broker cannot tell how many deliveries are unacknowledged"]
    findings = []
    if settled:
        tasks = named([str(event.task) for event in settled])
        findings.append(say("settled by a worker: {}", tasks))
    elif last is not None and (last.ready_count, last.unacked_count) != (0, len(book.tasks)):
        findings.append(
            say(
                "the broker counts {} ready and {} unacked instead of 0 and {}",
                last.ready_count,
                str(last.unacked_count),
                len(book.tasks),
            )
        )
    # Only where something is missing is it asked for each task why.
    limited = bool(findings) and any(who_limited(history, book, task)[1] for task in book.tasks)
    return decide(
        summary=say(
            "nobody acknowledged anything: the queue still holds {}",
            every(len(book.tasks), "task"),
        ),
        figures={
            "published": len(book.tasks),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
            "acknowledged": len(settled),
        },
        findings=findings,
        blind=doubts,
        expected=say("0 ready, {} unacked", len(book.tasks)),
        seen=counts_text(last),
        evidence=[*settled, *([last] if last else [])],
        blame="worker" if settled else None if limited else "broker",
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
    findings = []
    if wrongly_marked:
        findings.append(
            say("marked as redelivered at its first delivery: {}", named(wrongly_marked))
        )
    if unmarked:
        findings.append(say("delivered again without the mark: {}", named(unmarked)))
    if more:
        findings.append(say("delivered again although it had not come back: {}", named(more)))
    if waiting and book.drained_whole:
        findings.append(say("came back, but was never delivered again: {}", named(waiting)))
    blind = doubts_about(book)
    if not blind and book.starts:
        blind = ["after a restart of the broker its marks follow other rules"]
    doubts = list(blind)
    left_in_order = handed_back(history, book)
    if not doubts and not back and not findings and left_in_order:
        return does_not_apply(
            in_order_text(left_in_order), figures={"unacked": 0, "redelivered": len(marked)}
        )
    if not doubts and not back:
        doubts = ["no delivery came back, so there is nothing to judge"]
    if not doubts and waiting and not book.drained_whole:
        doubts = [say("came back and not delivered again so far: {}", named(waiting))]
    return decide(
        summary=say_for(
            len(back),
            "{} was unacknowledged when the consumer went away, and exactly as many were "
            "redelivered",
            "{} were unacknowledged when the consumer went away, and exactly as many were "
            "redelivered",
            plural(len(back), "delivery"),
        ),
        figures={"unacked": len(back), "redelivered": len(marked)},
        findings=findings,
        blind=blind,
        doubts=doubts,
        expected=say("redelivered = unacked at disconnect = {}", len(back)),
        seen=say("{} marked as redelivered", plural(len(marked), "delivery")),
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
    silent = [account for account in book.accounts.values() if not account.tells_receipts]
    works_begun = sum(
        last is not None and began.at_ns <= last.at_ns
        for account in silent
        for began, _ in account.works
    )
    not_begun = len(book.tasks) - len(begun) - works_begun
    doubts = doubts_about(book)
    if not doubts and (last is None or not last.exists):
        doubts = ["the queue was not listed before a strike"]
    if not doubts and last is not None and last.unacked_count is None:
        doubts = ["this broker cannot tell how many deliveries are unacknowledged"]
    if not doubts and silent and not works_begun:
        doubts = [silent[0].why_silent]
    if not doubts and not_begun <= 0:
        doubts = ["the workers had begun every task when the queue was listed"]
    findings = []
    if last is not None and (last.ready_count or last.unacked_count):
        findings.append(say("the queue still held {}", counts_text(last)))
    return decide(
        summary=say(
            "the queue was empty while {} of {} had not begun",
            not_begun,
            plural(len(book.tasks), "task"),
        ),
        figures={
            "published": len(book.tasks),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
            "not_begun": not_begun,
        },
        findings=findings,
        blind=doubts,
        expected="0 ready, 0 unacked",
        seen=counts_text(last),
        evidence=[last] if last else [],
        # Whoever consumes so that it has to acknowledge keeps the broker from forgetting.
        blame="broker"
        if all(consumer.no_ack for consumer in book.consumers)
        and all(delivery.event.no_ack for delivery in book.worked)
        else "worker",
    )
