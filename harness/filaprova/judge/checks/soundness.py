"""Soundness: is the record whole, and did what we inject land?

What these checks doubt makes everything else that was judged on the same record doubtful.
"""

from __future__ import annotations

from collections import defaultdict

from filaprova.judge.decision import decide, plural
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Figure, Verdict
from filaprova.phrase import Phrase, joined, joined_names, phrase_of, say, say_for
from filaprova.record.act import (
    BrokerStopping,
    Drained,
    FaultLanded,
    Signalled,
    StrikeMissed,
    Struck,
)
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited, TaskDone, TaskReceived, WorkBegan, WorkEnded
from filaprova.record.wire import (
    ConnectionOpened,
    Delivered,
    SocketClosed,
    SocketOpened,
    Undecodable,
)


@checker
def struck_mid_task(history: History, *, clients: list[str]) -> Verdict:
    """Each of these workers was struck while it held an unfinished task.

    As the wire shows (a delivery that it has not settled), its launcher (it slept, which is its
    work), or its output.
    """
    strikes = {event.client: event for event in history.of(Struck) if event.client in clients}
    doubts = [
        say(
            "{} was never caught in the middle of a task: {}",
            event.client,
            phrase_of(event.reason, event.worded),
        )
        for event in history.of(StrikeMissed)
        if event.client in clients
    ]
    ends = {event.client: event for event in history.of(ProgramExited)}
    blame: Blame | None = "harness"
    for client in clients:
        strike = strikes.get(client)
        if strike is None:
            doubts.append(say("{} was not struck", client))
        elif not _was_at_work(strike):
            doubts.append(say("{} held no unfinished task when it was struck", client))
        elif strike.in_hand is not None and not _delivered_before(history, strike):
            hand = repr(strike.in_hand)
            doubts.append(say("{} claims to hold {}, which it was never sent", client, hand))
        elif client not in ends or ends[client].at_ns < strike.at_ns:
            doubts.append(say("{} did not end by the strike", client))
        elif _went_on(history, ends[client]):
            doubts.append(say("a process that {} had started went on after its end", client))
            blame = None
    in_hand: dict[str, Figure] = {
        client: strike.in_hand or ("a task" if _was_at_work(strike) else None)
        for client, strike in strikes.items()
    }
    names = sorted({strike.signal_name for strike in strikes.values()})
    return decide(
        summary=say_for(
            len(clients),
            "{} was struck with {} in the middle of a task",
            "{} were struck with {}, each in the middle of a task",
            joined_names(clients),
            ", ".join(names),
        ),
        figures={
            "struck": len(strikes),
            "signal": ", ".join(names),
            "in_hand": in_hand,
            "looks": sum(strike.looks for strike in strikes.values()),
        },
        doubts=doubts,
        expected="an unfinished task in the hands of each",
        seen=joined(", ", [say("{}: {}", client, _hand(strikes[client])) for client in strikes])
        or "no strike",
        evidence=[*strikes.values(), *(ends[c] for c in clients if c in ends)],
        blame=blame,
        hint="longer tasks are easier to hit: --seconds-per-dot",
    )


@checker
def fault_landed(history: History, *, client: str, fault: str) -> Verdict:
    """A fault armed on the wire took effect."""
    landed = [e for e in history.of(FaultLanded) if e.client == client and e.fault == fault]
    proof = landed[0].proof if landed else ""
    return decide(
        summary=say("{} took effect on {}: {}", fault, client, proof),
        figures={"fault": fault, "proof": proof},
        doubts=[] if landed else [say("{} never took effect on {}", fault, client)],
        expected=say("{} takes effect", fault),
        seen=say("{}", proof) if proof else "nothing",
        evidence=landed,
        blame="harness",
    )


@checker
def drained(history: History, *, queue: str) -> Verdict:
    """Everything that was left in the queue was taken out, on the record."""
    book = ledger(history, queue)
    last = book.drained[-1] if book.drained else None
    seen = sum(last is not None and d.event.at_ns <= last.at_ns for d in book.left)
    doubts = []
    if last is None:
        doubts.append("the queue was not drained")
    elif not last.complete:
        doubts.append(say("the queue could not be drained: {}", last.reason))
    elif seen != sum(event.task_count for event in book.drained):
        told = sum(event.task_count for event in book.drained)
        doubts.append(say("taken out by its own count: {}; as the wire shows: {}", told, seen))
    elif book.undrained_count:
        doubts.append(
            say_for(
                book.undrained_count,
                "{} taken out, but the broker said last that {} was still there",
                "{} taken out, but the broker said last that {} were still there",
                last.task_count,
                plural(book.undrained_count, "task"),
            )
        )
    return decide(
        summary=say_for(
            seen,
            "{} was left in the queue and taken out",
            "{} were left in the queue and taken out",
            plural(seen, "task"),
        ),
        figures={"left": seen},
        doubts=doubts,
        expected="a complete drain",
        seen=_drain_text(last),
        evidence=[*book.drained, *(d.event for d in book.deliveries if d.client == DRAIN)],
        blame="harness" if last is None or last.complete else None,  # the reason says why
    )


@checker
def fully_decoded(history: History) -> Verdict:
    """Every byte on the wire was understood, but for frames that a fault cut off."""
    opened = history.of(ConnectionOpened)
    undecodable = history.of(Undecodable)
    cut = [
        event
        for event in history.of(SocketClosed)
        if (event.client_remainder_bytes or event.broker_remainder_bytes)
        and not _cut_by_fault(history, event)
    ]
    doubts = [
        say("{}: bytes of the {} are not AMQP 0-9-1: {}", e.client, say(e.by), e.reason)
        for e in undecodable
    ]
    doubts += [say("{}: its connection ended in the middle of a frame", e.client) for e in cut]
    if not opened:
        doubts.append(say("nothing was seen on the wire"))
    return decide(
        summary=say("{} decoded whole", plural(len(opened), "connection")),
        figures={"connections": len(opened), "events": len(history)},
        doubts=doubts,
        expected="whole frames of AMQP 0-9-1",
        seen=say(
            "{} with undecodable bytes, {} cut off",
            plural(len(undecodable), "connection"),
            len(cut),
        ),
        evidence=[*undecodable, *cut],
    )


def _drain_text(last: Drained | None) -> Phrase:
    """Return how a drain ended; None: there was none."""
    if last is None:
        return say("no drain")
    if last.reason:
        return say("{}", last.reason)
    return say("{} taken out", last.task_count)


def _delivered_before(history: History, strike: Struck) -> bool:
    return any(
        event.at_ns <= strike.at_ns and strike.in_hand in (event.task, event.body)
        for event in _sent_to(history)[strike.client]
    )


def _sent_to(history: History) -> defaultdict[str, list[Delivered]]:
    """Return what each client was sent; made once for each history."""
    return history.derived("deliveries by client", _deliveries_by_client)


def _deliveries_by_client(history: History) -> defaultdict[str, list[Delivered]]:
    sent: defaultdict[str, list[Delivered]] = defaultdict(list)
    for event in history.of(Delivered):
        sent[event.client].append(event)
    return sent


def _hand(strike: Struck) -> str:
    """Return what a program held when it was struck."""
    if strike.in_hand:
        return repr(strike.in_hand)
    return say("'a task'") if _was_at_work(strike) else say("nothing")


def _went_on(history: History, end: ProgramExited) -> bool:
    """Tell whether something of a program worked or spoke of tasks after the program had ended."""
    kinds: list[type[TaskDone] | type[TaskReceived] | type[WorkBegan] | type[WorkEnded]]
    kinds = [TaskDone, TaskReceived, WorkBegan, WorkEnded]
    return any(
        event.client == end.client and event.at_ns > end.at_ns
        for kind in kinds
        for event in history.of(kind)
    )


def _was_at_work(strike: Struck) -> bool:
    """Tell whether a program had something unfinished when it was struck."""
    return (
        strike.in_hand is not None
        or bool(strike.unsettled)
        or strike.works_begun > strike.works_ended
    )


def _cut_by_fault(history: History, closed: SocketClosed) -> bool:
    """Tell whether something that was done to this connection explains a cut frame."""
    opened = [e for e in history.of(SocketOpened) if e.connection == closed.connection]
    hits: list[Struck | Signalled] = [*history.of(Struck), *history.of(Signalled)]
    deeds_ns = [event.at_ns for event in hits if event.client == closed.client]
    deeds_ns += [event.at_ns for event in history.of(BrokerStopping) if event.how == "kill"]
    return closed.by == "fault" or any(
        event.at_ns <= at_ns <= closed.at_ns for event in opened for at_ns in deeds_ns
    )
