"""Delivery: who was sent what, who got it back, and who got nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from filaprova.judge.blame import role_of, who_let_go
from filaprova.judge.decision import (
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_arrival,
    doubts_about_dismissals,
    every,
    forgotten_between,
    life_of,
    named,
    plural,
    share_text,
)
from filaprova.judge.ledger import Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import Phrase, joined_names, say, say_for
from filaprova.record.act import Withheld
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited
from filaprova.record.wire import ConsumerStarted, Delivered, PollEmpty, Published, QueueDeclared


@checker
def survivor_received_all(history: History, *, queue: str, survivor: str) -> Verdict:
    """In the end one worker was sent every task."""
    book = ledger(history, queue)
    sent = {delivery.task for delivery in book.delivered_to([survivor])} & set(book.tasks)
    missing = [task for task in book.tasks if task not in sent]
    settled = {d.task for d in book.worked if d.fate in ("acked", "discarded", "automatic")}
    held = [d for d in book.worked if d.client == survivor and d.fate == "held"]
    limits = [c.prefetch_count for c in book.consumers if c.client == survivor]
    is_full = bool(limits) and 0 < sum(limits) <= len(held)
    doubts = doubts_about(book) or doubts_about_arrival(book) or doubts_about_dismissals(book)
    return decide(
        summary=say("{} was sent {}", survivor, every(len(book.tasks), "task")),
        figures={"published": len(book.tasks), "received": len(sent)},
        findings=[say("never sent to {}: {}", survivor, named(missing))] if missing else [],
        blind=doubts,
        expected=say("{} is sent {}", survivor, plural(len(book.tasks), "task")),
        seen=say("it was sent {}", len(sent)),
        evidence=life_of(book, missing),
        # What another has settled cannot come to the survivor any more, nor what is beyond its own
        # limit; what is nowhere to be seen the broker may have dropped, or somebody taken who was
        # not to be there.
        blame="worker" if is_full or set(missing) & settled else None,
        hint="does somebody else consume from this queue?" if missing and not doubts else "",
    )


@checker
def came_back_to(
    history: History, *, queue: str, from_client: str, to_clients: list[str]
) -> Verdict:
    """Everything that one worker held unacknowledged came to these others, marked as redelivered.

    ``in_order`` tells whether it came in its original order, as from a classic queue (RabbitMQ
    documentation, "Negative Acknowledgement and Requeuing of Deliveries").
    """
    book = ledger(history, queue)
    held = [d for d in book.returned() if d.client == from_client]
    tasks = [delivery.task for delivery in held]
    # One may still be recorded as delivered to the dead while others have already come back.
    since = {d.task: d.event.at_ns for d in held}
    back = [
        d for d in book.delivered_to(to_clients) if d.event.at_ns > since.get(d.task, d.event.at_ns)
    ]
    missing = sorted(set(tasks) - {delivery.task for delivery in back})
    unmarked = [delivery.task for delivery in back if not delivery.event.redelivered]
    shares = {client: sum(d.client == client for d in back) for client in to_clients}
    findings: list[str] = []
    if missing:
        findings.append(
            say("held by {}, but never sent to another: {}", from_client, named(missing))
        )
    if unmarked:
        findings.append(say("sent again without being marked as redelivered: {}", named(unmarked)))
    doubts = doubts_about(book)
    if not doubts and not tasks:
        doubts = [say("{} held nothing when it went away", from_client)]
    return decide(
        summary=say(
            "{} that {} held came back: {}",
            every(len(tasks), "task"),
            from_client,
            share_text(shares),
        ),
        figures={
            "came_back": len({delivery.task for delivery in back} & set(tasks)),
            "redelivered": sum(delivery.event.redelivered for delivery in back),
            "shares": dict(shares),
            "in_order": [d.task for d in back] == [task for task in book.tasks if task in since],
        },
        findings=findings,
        blind=doubts,
        expected=say_for(
            len(tasks),
            "{} comes to {}",
            "{} come to {}",
            plural(len(tasks), "task"),
            joined_names(to_clients),
        ),
        seen=say("{}: {}", plural(len(back), "delivery"), share_text(shares)),
        evidence=life_of(book, missing or unmarked),
        blame="broker" if unmarked else None,  # somebody else may have got what is missing
        hint="does somebody else consume from this queue?" if missing and not doubts else "",
    )


@checker
def not_by_connecting(history: History, *, queue: str, clients: list[str]) -> Verdict:
    """Workers that connect while another holds everything are sent nothing."""
    book = ledger(history, queue)
    started = [consumer for consumer in book.consumers if consumer.client in clients]
    got = book.delivered_to(clients)
    taken = [d.task for d in book.taken_from_holders() if d.client in clients]
    last = book.counts[-1].counted if book.counts else None
    doubts = doubts_about(book) or doubts_about_dismissals(book)
    if not doubts and got:
        doubts = [say("they were sent what nobody held any more: {}", named([d.task for d in got]))]
    if not doubts:
        idle = sorted(set(clients) - {consumer.client for consumer in started})
        if idle:
            doubts.append(say("{} never subscribed", ", ".join(idle)))
        elif not started or last is None or last.at_ns < started[-1].at_ns:
            doubts.append("the queue was not listed after they had subscribed")
        elif last.unacked_count is None:
            doubts.append("this broker cannot tell how many deliveries are unacknowledged")
        elif not last.unacked_count:
            doubts.append("nobody held anything that could have come to them")
    held = last.unacked_count if last else None
    return decide(
        summary=say(
            "{} connected and got nothing, while {} stayed where they were",
            plural(len(clients), "worker"),
            plural(held or 0, "task"),
        ),
        figures={"connected": len(started), "delivered": len(got), "unacked": held},
        findings=[say("sent to them by their mere connecting: {}", named(taken))] if taken else [],
        doubts=doubts,
        expected="no delivery",
        seen=say("{} to {}", plural(len(got), "delivery"), ", ".join(clients)),
        evidence=[*started, *(delivery.event for delivery in got), *([last] if last else [])],
        blame="broker",
    )


@checker
def got_nothing(history: History, *, clients: list[str]) -> Verdict:
    """These workers subscribed, or asked for tasks, and were never sent anything.

    What one has sent to itself does not count, nor what workers send each other and no publisher
    has sent.
    """
    started = [e for e in history.of(ConsumerStarted) if e.client in clients]
    own = {(event.client, event.task) for event in history.of(Published)}
    senders: defaultdict[str, set[Blame]] = defaultdict(set)
    for client, task in own:
        senders[task].add(role_of(history, client))
    got = [
        e
        for e in history.of(Delivered)
        if e.client in clients and (e.client, e.task) not in own
        if senders[e.task] != {"worker"}
    ]
    asked = {event.client for event in history.of(PollEmpty)}
    idle = sorted(set(clients) - asked - {event.client for event in started})
    return decide(
        summary=say(
            "{} asked for tasks and got nothing" if asked else "{} subscribed and got nothing",
            joined_names(clients),
        ),
        figures={"connected": len(started), "delivered": len(got)},
        findings=[say("they were sent {}", named([event.task for event in got]))] if got else [],
        doubts=[say("{} never subscribed", ", ".join(idle))] if idle else [],
        expected="no delivery",
        seen=plural(len(got), "delivery"),
        evidence=[*started, *got],
        # Otherwise somebody may have left it to them, or sent it on the side.
        blame="broker" if all(_was_over(history, event) for event in got) else None,
    )


@checker
def done_then_lost_ack_done_again(history: History, *, queue: str, client: str) -> Verdict:
    """A worker did a task, its acknowledgement never arrived, and another did it again."""
    book = ledger(history, queue)
    held = {d.task for d in book.returned() if d.client == client}
    withheld = {e.task for e in history.of(Withheld) if e.client == client and e.task is not None}
    finished = [*book.done_by([client]), *sorted(withheld)]
    done = list(dict.fromkeys(task for task in finished if task in held))
    again = [d for d in book.worked if d.task in done and d.client != client]
    doers = [client, *(d.client for d in again if d.fate == "acked")] if done else []
    doers += [c for c in book.finishers().get(done[0], ()) if c not in doers] if done else []
    skipped = [
        d.client
        for d in again
        if d.fate == "acked"
        and (account := book.accounts.get(d.client)) is not None
        and account.tells_receipts
        and d.client not in book.finishers("received").get(d.task, ())
    ]
    doubts = doubts_about(book)
    if not doubts and not done:
        doubts = [say("{} did not both do a task and go away with it unacknowledged", client)]
    if not doubts and not any(event.client == client for event in history.of(ProgramExited)):
        doubts = [say("{} has not ended", client)]
    if not doubts and skipped:
        return does_not_apply(
            say(
                "{} was sent {} again and acknowledged it without doing it again: it knows what "
                "has been done",
                skipped[0],
                repr(done[0]),
            ),
            figures={"done_by": [client], "done_count": 1, "redelivered": True},
        )
    findings: list[str] = []
    alone = bool(done) and len(set(doers)) < 2
    if alone and book.last_fates()[done[0]] == "held":
        doubts = doubts or [say("{} has not been done again so far", repr(done[0]))]
    elif alone:
        findings.append(say("{} was done by {} and by nobody else again", repr(done[0]), client))
    if again and not all(delivery.event.redelivered for delivery in again):
        findings.append("the second delivery is not marked as redelivered")
    return decide(
        summary=say(
            "{} was done by {}: at least once, not once", repr(done[0]), _one_after_other(doers)
        )
        if done
        else "",
        figures={
            "done_by": list(doers),
            "done_count": len(doers),
            "redelivered": bool(again) and all(d.event.redelivered for d in again),
        },
        findings=findings,
        blind=doubts,
        expected="done twice: at least once is all that a broker can promise",
        seen=say("done by {}", ", ".join(doers) or say("nobody")),
        evidence=life_of(book, done),
        blame="worker"
        if alone and again
        else who_let_go(history, book, done[0])
        if alone and done[0] in book.tasks
        else "broker"
        if again and findings
        else None,
    )


@checker
def left_in_queue_in_order(history: History, *, queue: str) -> Verdict:
    """All tasks were left in the queue, in the order in which they were published."""
    book = ledger(history, queue)
    left = [delivery.task for delivery in book.left]
    doubts = doubts_about(book, one_by_one=False) or doubts_about_arrival(book)
    if not doubts and not book.drained_whole:
        doubts = ["the queue was not drained"]
    findings: list[str] = []
    gone = list((Counter(book.tasks) - Counter(left)).elements())
    more = list((Counter(left) - Counter(book.tasks)).elements())
    if gone:
        findings.append(say("published, but not left in the queue: {}", named(gone)))
    if more:
        findings.append(say("came out more often than they were published: {}", named(more)))
    in_order = left == book.tasks
    if not findings and not in_order and not _in_order_by_channel(book, left):
        findings.append("they came out in another order")
    on_each_channel = say(" on each channel, which is all that is promised")
    return decide(
        summary=say(
            "{} came out of the queue, in the order of publishing{}",
            every(len(left), "task"),
            "" if in_order else on_each_channel,
        ),
        figures={
            "published": len(book.tasks),
            "left": len(left),
            "in_order": in_order,
        },
        findings=findings,
        blind=doubts,
        expected=say("{} in order of publishing", plural(len(book.tasks), "task")),
        seen=say("{} came out", len(left)),
        evidence=[d.event for d in book.deliveries if d.client == DRAIN],
        blame=_who_has_it(history, book, gone) if gone else _who_reordered(history, book),
        hint="does the broker limit the queue, or does somebody else consume from it?"
        if gone
        else "",
    )


@checker
def identities_unique(history: History, *, queue: str) -> Verdict:
    """No two tasks have the same identity, so that each can be followed."""
    book = ledger(history, queue)
    repeated = book.repeated
    return decide(
        summary=say("{}, each with an identity of its own", plural(len(book.tasks), "task")),
        figures={"published": len(book.tasks), "repeated": len(repeated)},
        findings=[say("published more than once: {}", named(repeated))] if repeated else [],
        doubts=[] if book.tasks else doubts_about(book),
        expected="each identity once",
        seen=say("{} repeated", plural(len(repeated), "identity")),
        evidence=life_of(book, repeated),
        blame="publisher",
        hint="give each message a body or a message_id of its own" if repeated else "",
    )


def _one_after_other(names: Sequence[str]) -> Phrase:
    """Return names as "C1 and then by C2"."""
    told = say("{}", names[0])
    for name in names[1:]:
        told = say("{} and then by {}", told, name)
    return told


def _was_over(history: History, event: Delivered) -> bool:
    """Tell whether a task had been acknowledged, and the broker knew it, before this delivery."""
    if event.queue is None:
        return False
    book = ledger(history, event.queue)
    return any(
        prior.fate == "acked" and not prior.unheard and not forgotten_between(book, prior, delivery)
        for prior, delivery in pairwise(book.deliveries_by_task[event.task])
        if delivery.event is event
    )


def _in_order_by_channel(book: Ledger, left: Sequence[str]) -> bool:
    """Tell whether what each channel published came out in its order.

    Between channels there is none (AMQP 0-9-1 section 4.7).
    """
    channels: dict[tuple[int, int], list[str]] = {}
    for index, event in enumerate(book.published):
        if index not in book.turned_away:
            channels.setdefault((event.connection, event.channel), []).append(event.task)
    return all(_in_turn(tasks, left) for tasks in channels.values())


def _in_turn(tasks: Sequence[str], left: Sequence[str]) -> bool:
    rest = iter(left)
    return all(task in rest for task in tasks)


def _who_reordered(history: History, book: Ledger) -> Blame | None:
    """Return who is to blame that tasks come out in another order.

    Priorities reorder by right (RabbitMQ documentation, "Priority Queue Support").
    """
    priorities = {event.priority for event in book.published}
    if len(priorities) > 1:
        return role_of(history, book.published[0].client)
    if any(delivery.came_back for delivery in book.worked):
        return None  # what comes back need not come first again
    return "broker"


def _who_has_it(history: History, book: Ledger, gone: Sequence[str]) -> Blame | None:
    """Return who is to blame that tasks are not in the queue; None: the record cannot tell.

    What the broker drops, and what somebody takes who is not on our record, leave the same gap.
    """
    takers = [delivery.client for delivery in book.worked if delivery.task in gone]
    if takers:
        return role_of(history, takers[0])
    let_go = who_let_go(history, book, gone[0])
    if let_go:
        return let_go
    declared = any(event.queue == book.queue for event in history.of(QueueDeclared))
    never_there = book.counts and not any(count.counted.exists for count in book.counts)
    return "publisher" if never_there and not declared else None
