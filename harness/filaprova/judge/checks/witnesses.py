"""Evidence: is the record whole, did the faults land, and do the witnesses agree?

What these checks doubt makes everything else that was judged on the same record doubtful.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Set

from filaprova.judge.decision import (
    about,
    agree,
    decide,
    doubts_about_output,
    life_of,
    named,
    plural,
)
from filaprova.judge.registry import checker
from filaprova.judge.replay import body_of, ledger
from filaprova.judge.verdict import Figure, Verdict
from filaprova.record.act import (
    BrokerStopping,
    FaultLanded,
    Signalled,
    StrikeMissed,
    Struck,
)
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import (
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    TaskSent,
)
from filaprova.record.wire import (
    ConnectionClosed,
    ConnectionOpened,
    Delivered,
    Published,
    Settled,
    SocketClosed,
    SocketOpened,
    Undecodable,
)


@checker
def struck_mid_task(history: History, *, clients: list[str]) -> Verdict:
    """Each of these workers was struck while it held an unfinished task, by both witnesses."""
    strikes = {event.client: event for event in history.of(Struck) if event.client in clients}
    doubts = [
        f"{event.client} was never caught in the middle of a task: {event.reason}"
        for event in history.of(StrikeMissed)
        if event.client in clients
    ]
    ends = {event.client: event for event in history.of(ProgramExited)}
    for client in clients:
        strike = strikes.get(client)
        if strike is None:
            doubts.append(f"{client} was not struck")
        elif strike.in_hand is None:
            doubts.append(f"{client} held no unfinished task when it was struck")
        elif not _delivered_before(history, strike):
            doubts.append(f"{client} claims to hold {strike.in_hand!r}, which it was never sent")
        elif client not in ends or ends[client].at_ns < strike.at_ns:
            doubts.append(f"{client} did not end by the strike")
    in_hand: dict[str, Figure] = {client: strike.in_hand for client, strike in strikes.items()}
    names = sorted({strike.signal_name for strike in strikes.values()})
    return decide(
        summary=f"{' and '.join(clients)} {agree(len(clients), 'was', 'were')} struck with "
        f"{', '.join(names)}{agree(len(clients), '', ', each')} in the middle of a task",
        figures={
            "struck": len(strikes),
            "signal": ", ".join(names),
            "in_hand": in_hand,
            "looks": sum(strike.looks for strike in strikes.values()),
        },
        doubts=doubts,
        expected="an unfinished task in the hands of each",
        seen=", ".join(
            f"{client}: {'nothing' if task is None else repr(task)}"
            for client, task in in_hand.items()
        )
        or "no strike",
        evidence=[*strikes.values(), *(ends[c] for c in clients if c in ends)],
        blame="harness",
        hint="longer tasks are easier to hit: --seconds-per-dot",
    )


@checker
def fault_landed(history: History, *, client: str, fault: str) -> Verdict:
    """A fault armed on the wire took effect."""
    landed = [e for e in history.of(FaultLanded) if e.client == client and e.fault == fault]
    proof = landed[0].proof if landed else ""
    return decide(
        summary=f"{fault} took effect on {client}: {proof}",
        figures={"fault": fault, "proof": proof},
        doubts=[] if landed else [f"{fault} never took effect on {client}"],
        expected=f"{fault} takes effect",
        seen=proof or "nothing",
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
        doubts.append(f"the queue could not be drained: {last.reason}")
    elif seen != sum(event.task_count for event in book.drained):
        told = sum(event.task_count for event in book.drained)
        doubts.append(f"taken out by its own count: {told}; as the wire shows: {seen}")
    elif book.undrained_count:
        doubts.append(
            f"{last.task_count} taken out, but the broker said last that "
            f"{plural(book.undrained_count, 'task')} "
            f"{agree(book.undrained_count, 'was', 'were')} still there"
        )
    return decide(
        summary=f"{plural(seen, 'task')} {agree(seen, 'was', 'were')} left in the queue and taken "
        "out",
        figures={"left": seen},
        doubts=doubts,
        expected="a complete drain",
        seen=last.reason or f"{last.task_count} taken out" if last else "no drain",
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
        f"{e.client}: bytes of the {e.by} are not AMQP 0-9-1: {e.reason}" for e in undecodable
    ]
    doubts += [f"{event.client}: its connection ended in the middle of a frame" for event in cut]
    if not opened:
        doubts.append("nothing was seen on the wire")
    return decide(
        summary=f"{plural(len(opened), 'connection')} decoded whole",
        figures={"connections": len(opened), "events": len(history)},
        doubts=doubts,
        expected="whole frames of AMQP 0-9-1",
        seen=f"{plural(len(undecodable), 'connection')} with undecodable bytes, {len(cut)} cut off",
        evidence=[*undecodable, *cut],
    )


@checker
def witnesses_agree(history: History, *, queue: str) -> Verdict:
    """What each worker printed is what the wire shows, in the order of delivery.

    A worker may have been sent more than it began, and may put back what it did not begin; it
    cannot have begun what it was never sent. One that consumes from several queues is compared with
    all that it was sent.
    """
    book = ledger(history, queue)
    clients = list(dict.fromkeys(consumer.client for consumer in book.consumers))
    sent_to = _sent_to(history)
    printed_by: defaultdict[str, list[str]] = defaultdict(list)
    for received in history.of(TaskReceived):
        printed_by[received.client].append(received.task)
    idlers = {event.client for event in history.of(TaskDone) if event.task is None}
    put_back = {(e.connection, e.channel, e.delivery_tag) for e in history.of(Settled) if e.requeue}
    faults, suspects = [], []
    for client in clients:
        stray = _first_stray(printed_by[client], sent_to[client], put_back)
        if stray is not None:
            suspects.append(stray)
            faults.append(f"{client} printed {stray!r} as received, which was not its next task")
        if client in idlers:
            faults.append(f"{client} printed Done without a task in its hands")
    doubts = doubts_about_output(history)
    if not clients:
        doubts.append("nobody subscribed, so there is only one witness")
    if not book.published:
        doubts.append(f"nothing was published to {queue}, so there is nothing to judge")
    if not doubts and not faults and not any(printed_by[client] for client in clients):
        doubts.append("no worker printed what it received, so there is only one witness")
    return decide(
        summary=f"the wire and the output of {plural(len(clients), 'worker')} tell the same story",
        figures={
            "delivered": len(book.worked),
            "received": len(book.received),
            "done": len(book.done),
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected="each worker prints what it was sent, in that order",
        seen="; ".join(faults) or ("the same" if any(map(printed_by.get, clients)) else "nothing"),
        evidence=life_of(book, suspects),
        blame="worker",
        hint="does the worker print the body as it came?" if suspects else "",
    )


@checker
def sent_as_said(history: History, *, queue: str, asked: int | None = None) -> Verdict:
    """What each publisher printed as sent is what the wire shows that it published.

    Nobody has to print that. Whoever names none of the bodies that it published is not compared,
    and what it leaves unnamed is no fault: it may print its progress only. Where publishers heed
    how many tasks they are ``asked`` for, exactly so many must have been sent.
    """
    book = ledger(history, queue)
    clients = list(dict.fromkeys(event.client for event in book.published))
    published = _bodies_by_client(history.of(Published))
    here = _bodies_by_client(book.published)
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in history.of(TaskSent):
        said[line.client][line.task] += 1
    naming = [client for client in clients if said[client] & published[client]]
    faults, suspects = [], []
    for client in naming:
        unsent = list((said[client] - published[client]).elements())
        again = [t for t, count in said[client].items() if published[client][t] > count]
        suspects += [*unsent, *again]
        if unsent:
            faults.append(f"{client} printed as sent, and did not send: {named(unsent)}")
        if again:
            faults.append(f"{client} sent more often than it printed: {named(again)}")
    if asked not in (None, len(book.published)):
        faults.append(f"asked for {asked}, and {plural(len(book.published), 'task')} sent")
    doubts = doubts_about_output(history)
    if not book.published:
        doubts.append(f"nothing was published to {queue}, so there is nothing to judge")
    if faults:
        doubts += _may_not_be_all(history, clients)
    said_count = sum((said[c] - (published[c] - here[c])).total() for c in naming)
    return decide(
        summary=f"{said_count} of {plural(len(book.published), 'task')} printed as sent by whoever "
        "published them, and each of them was"
        if naming
        else f"{plural(len(book.published), 'task')} published; nobody printed which of them it "
        "sent, and nobody has to",
        figures={"published": len(book.published), "said": said_count},
        faults=[] if doubts else faults,
        doubts=doubts,
        expected="each publisher sends what it prints as sent"
        + ("" if asked is None else f", {plural(asked, 'task')} in all"),
        seen="; ".join(faults) or f"{len(book.published)} published, {said_count} printed as sent",
        evidence=[*about(history.of(TaskSent), suspects), *about(book.published, suspects)],
        blame="publisher",
    )


@checker
def counts_agree(history: History, *, queue: str) -> Verdict:
    """The broker's own counts of the queue are what the wire predicts.

    What was acknowledged in the last instant before its connection broke may be ready again; what
    was published without confirm on a connection that broke may never have arrived.

    The wire alone predicts nothing once the broker has gone down or the queue was deleted, nor
    where rejected tasks come again by way of a dead letter queue.
    """
    book = ledger(history, queue)
    listed = [c for c in book.counts if c.counted.exists]
    upheavals = [event.at_ns for event in (*book.stops, *book.deleted)]
    compared = [c for c in listed if not upheavals or c.counted.at_ns < min(upheavals)]
    faults = []
    for comparison in compared:
        counted = comparison.counted
        least = comparison.ready_count - comparison.indefinite_count
        most = comparison.ready_count + comparison.unheard_count
        told = [f"{counted.ready_count} ready"]
        predicted = [f"{least} ready" if least == most else f"{least} to {most} ready"]
        if counted.unacked_count is not None:
            told.append(f"{counted.unacked_count} unacked")
            predicted.append(f"{comparison.unacked_count} unacked")
        if not least <= counted.ready_count <= most or told[1:] != predicted[1:]:
            faults.append(
                f"the broker counts {', '.join(told)}; the wire predicts {', '.join(predicted)}"
            )
    doubts = [] if listed else ["the queue was not listed while it was there"]
    resent = [
        task
        for task, deliveries in book.deliveries_by_task.items()
        if any(delivery.fate == "discarded" for delivery in deliveries[:-1])
    ]
    if resent:
        doubts = [f"rejected for good, and sent again all the same: {named(resent)}"]
    if len(compared) < len(listed):
        doubts = ["the wire cannot tell what a restart or a deletion left in the queue"]
    last = compared[-1].counted if compared else None
    return decide(
        summary=f"{plural(len(compared), 'count')} of the broker as the wire predicts",
        figures={
            "counts": len(compared),
            "ready": last.ready_count if last else None,
            "unacked": last.unacked_count if last else None,
        },
        faults=[] if resent else faults,
        doubts=doubts,
        expected="ready and unacked as predicted from publishes, deliveries and settlements",
        seen="; ".join(faults) or ("the same" if compared else "no count to compare"),
        evidence=[comparison.counted for comparison in compared],
        hint="does somebody else publish to or consume from this queue?" if faults else "",
    )


def _bodies_by_client(events: Iterable[Published]) -> defaultdict[str, Counter[str]]:
    bodies: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        bodies[event.client][body_of(event)] += 1
    return bodies


def _may_not_be_all(history: History, clients: list[str]) -> list[str]:
    """Return why more of what these publishers sent may still come, or may have been lost."""
    running = {event.client for event in history.of(ProgramStarted)}
    running -= {event.client for event in history.of(ProgramExited)}
    bade_farewell = {e.connection for e in history.of(ConnectionClosed) if e.by == "client"}
    broken = {
        event.client
        for event in history.of(SocketClosed)
        if event.by != "client" and event.connection not in bade_farewell
    }
    doubts = [f"{client} has not ended" for client in clients if client in running]
    doubts += [f"the connection of {client} broke" for client in clients if client in broken]
    return doubts


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


def _next_of(task: str, life: list[tuple[str, bool]], place: int) -> int | None:
    """Return where the task is from ``place`` on, with only what was put back before it.

    The first place will do: what lies between it and another was put back as well.
    """
    for at in range(place, len(life)):
        body, was_put_back = life[at]
        if body == task:
            return at
        if not was_put_back:
            return None
    return None


def _first_stray(
    printed: list[str], sent: list[Delivered], put_back: Set[tuple[int, int, int]]
) -> str | None:
    """Return the first task that a worker printed although it was not its next one.

    Whoever connects anew leaves the rest of what it was sent before. What was put back into the
    queue need not have been begun.
    """
    of_connection: dict[int, list[tuple[str, bool]]] = {}
    for event in sent:
        key = (event.connection, event.channel, event.delivery_tag)
        of_connection.setdefault(event.connection, []).append((body_of(event), key in put_back))
    lives = list(of_connection.values())
    places = {(0, 0)} if lives else set()
    for task in printed:
        fresh = [(life, 0) for life in range(min(places)[0] + 1, len(lives))] if places else []
        places = {
            (life, found + 1)
            for life, place in (*places, *fresh)
            if (found := _next_of(task, lives[life], place)) is not None
        }
        if not places:
            return task
    return None


def _cut_by_fault(history: History, closed: SocketClosed) -> bool:
    """Tell whether something that was done to this connection explains a cut frame."""
    opened = [e for e in history.of(SocketOpened) if e.connection == closed.connection]
    hits: list[Struck | Signalled] = [*history.of(Struck), *history.of(Signalled)]
    deeds_ns = [event.at_ns for event in hits if event.client == closed.client]
    deeds_ns += [event.at_ns for event in history.of(BrokerStopping) if event.how == "kill"]
    return closed.by == "fault" or any(
        event.at_ns <= at_ns <= closed.at_ns for event in opened for at_ns in deeds_ns
    )
