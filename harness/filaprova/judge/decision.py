"""What every checker needs to give its verdict: the decision, and events as lines of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from math import inf

from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.verdict import Blame, Evidence, Figure, Outcome, Verdict, Witness
from filaprova.phrase import Phrase, as_phrase, joined, phrase_of, say
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Drained,
    FaultLanded,
    QueueCounted,
    Released,
    Signalled,
    Struck,
)
from filaprova.record.event import Event
from filaprova.record.program import (
    OutputLine,
    ProgramExited,
    TaskDone,
    TaskReceived,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    ChannelClosed,
    ChannelEvent,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PrefetchSet,
    Published,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Settled,
    SocketClosed,
    Undecodable,
    WireEvent,
)

EVIDENCE_LIMIT = 20
SHOWN_TASKS = 8
FOLLOWED_TASKS = 3
LAST_INSTANT_NS = 1_000_000_000
"""An acknowledgement may be on its way to the broker for so long before it counts as processed."""


def decide(
    *,
    summary: str = "",
    figures: Mapping[str, Figure],
    findings: Sequence[str] = (),
    blind: Sequence[str] = (),
    doubts: Sequence[str] = (),
    expected: str = "",
    seen: str = "",
    evidence: Iterable[Event] = (),
    blame: Blame | None = None,
    hint: str = "",
) -> Verdict:
    """Weigh what was found against what cannot be known: the one place where that is done.

    Whatever makes ``blind`` takes the ground from under every finding: UNKNOWN. Otherwise FAIL for
    any of the ``findings``, else UNKNOWN for any of the ``doubts``, else PASS. ``summary`` is what
    is said of a PASS; otherwise what weighed is the summary. Where the record does not show what
    has to be known, whoever is examined gets no ``blame`` for it; the harness and its environment
    do. The name of the check is filled in by ``Check.judge``.
    """
    failed = bool(findings) and not blind
    against = list(blind) or list(findings) or list(doubts)
    outcome = Outcome.FAIL if failed else Outcome.UNKNOWN if against else Outcome.PASS
    texts = {
        "summary": _sentence(
            joined("; ", [as_phrase(each) for each in against]) if against else as_phrase(summary)
        ),
        "expected": as_phrase(expected),
        "seen": as_phrase(seen),
        "hint": as_phrase(hint if against else ""),
    }
    return Verdict(
        check="",
        outcome=outcome,
        **{name: str(text) for name, text in texts.items()},
        worded={name: text.worded() for name, text in texts.items() if text},
        figures=dict(figures),
        evidence=[shown(event) for event in islice(evidence, EVIDENCE_LIMIT)],
        blame=blame if failed or (against and blame in ("harness", "environment")) else None,
    )


def does_not_apply(why: str, *, figures: Mapping[str, Figure]) -> Verdict:
    """Return a PASS that says why the question does not arise for what was examined here."""
    return decide(
        summary=say("does not apply: {}", as_phrase(why)), figures={"applies": False, **figures}
    )


def doubts_about(book: Ledger, *, one_by_one: bool = True) -> list[str]:
    """Return why nothing can be said about single tasks of this queue.

    Who does not follow them ``one_by_one`` need not be able to tell them apart.
    """
    if not book.published:
        return [say("nothing was published to {}, so there is nothing to judge", book.queue)]
    if not book.tasks:
        return [
            say("all that was published to {} was refused: there is nothing to judge", book.queue)
        ]
    if book.blocked:
        client, reason = next(iter(book.blocked.items()))
        return [
            say(
                "the broker blocked the connection of {} ({}), and need not have read what it "
                "published",
                client,
                reason,
            )
        ]
    if one_by_one and book.repeated:
        return [
            say(
                "tasks cannot be told apart: {} was published more than once; give each message a "
                "body or a message_id of its own",
                named(book.repeated),
            )
        ]
    if book.unexpected:
        return [
            say(
                "{} held tasks that nobody was seen to publish: {}; was it empty at the start, and "
                "does nobody else use it?",
                book.queue,
                named(book.unexpected),
            )
        ]
    return []


def doubts_about_arrival(book: Ledger) -> list[str]:
    """Return why a task that is nowhere to be seen may never have been in the queue."""
    if not book.indefinite:
        return []
    return [
        say(
            "{} may never have arrived (published without confirm on a connection that broke): {}",
            plural(len(book.indefinite), "task"),
            named(sorted(book.indefinite)),
        )
    ]


def doubts_about_dismissals(book: Ledger) -> list[str]:
    """Return why tasks may have come back although nobody had harmed whoever held them."""
    told: list[str] = [
        say("the broker closed on {} ({}), so that what it held came back", client, why)
        for client, why in book.dismissed.items()
    ]
    return told[:1]


OUTPUT_HINT = (
    "tell how your programs word it: --received and --done take a pattern with a group for the task"
)


def doubts_about_output(book: Ledger, clients: Iterable[str] | None = None) -> list[str]:
    """Return why it is not known what programs did with what they were sent of this queue.

    ``clients``: only these count. A program that was sent nothing has nothing to tell.
    """
    wanted = None if clients is None else set(clients)
    return [
        account.why_silent
        for client, account in book.accounts.items()
        if not account.tells_all and (wanted is None or client in wanted)
    ][:1]


def went_down_hard(book: Ledger, stop: BrokerStopping) -> bool:
    """Tell whether the broker was killed, or did not end gracefully although it was to."""
    started_ns = min((e.at_ns for e in book.starts if e.at_ns > stop.at_ns), default=inf)
    return stop.how == "kill" or any(stop.at_ns < e.at_ns < started_ns for e in book.unclean)


def forgotten_since_ns(book: Ledger, stop: BrokerStopping) -> int:
    """Return since when a broker that went down may not have kept what settled a task.

    One that stops gracefully keeps all that it has read: not the last instant, but certainly what
    came before it last counted the queue as the wire predicts. One that is killed keeps what it has
    written to the disk, and the record does not show when it did: it reads an acknowledgement,
    answers whatever comes after it, counts without the task, and may still have all that in memory
    only. Unlike a publish, an acknowledgement is never confirmed (RabbitMQ documentation, "Consumer
    Acknowledgements and Publisher Confirms"). What a graceful stop before has kept stays kept.
    """
    if went_down_hard(book, stop):
        before = [e for e in book.stops if e.at_ns < stop.at_ns and not went_down_hard(book, e)]
        return forgotten_since_ns(book, before[-1]) if before else 0
    counts = (c.counted.at_ns for c in book.counts if c.agrees and c.counted.at_ns < stop.at_ns)
    return max(stop.at_ns - LAST_INSTANT_NS, *counts, 0)


def forgettable(
    book: Ledger, stop: BrokerStopping, deliveries: Iterable[Delivery]
) -> list[Delivery]:
    """Return those of which a broker that went down may not have kept what had settled them.

    What needs no acknowledgement is settled by sending it, so that a graceful stop has kept that.
    """
    since_ns = forgotten_since_ns(book, stop)
    settling = ["acked", "discarded", *(["automatic"] if went_down_hard(book, stop) else [])]
    return [
        delivery
        for delivery in deliveries
        if delivery.fate in settling
        and delivery.sent_at_ns <= stop.at_ns
        and not delivery.ended_before(since_ns)
    ]


def forgotten_between(book: Ledger, before: Delivery, delivery: Delivery) -> bool:
    """Tell whether a task may have come back because the broker went down and forgot its end."""
    return any(
        stop.at_ns < delivery.sent_at_ns and forgettable(book, stop, [before])
        for stop in book.stops
    )


def named(tasks: Sequence[str]) -> Phrase:
    """Return the first few tasks by name, and how many more there are."""
    names = ", ".join(repr(task) for task in tasks[:SHOWN_TASKS])
    more = len(tasks) - SHOWN_TASKS
    if not names:
        return say("none")
    return say("{} and {} more", names, more) if more > 0 else say("{}", names)


def plural(count: int, noun: str) -> Phrase:
    """Return a count with its noun: "1 task", "2 tasks"."""
    if count == 1:
        return say(f"1 {noun}")
    return say(f"{{}} {noun[:-1]}ies" if noun.endswith("y") else f"{{}} {noun}s", count)


def every(count: int, noun: str) -> Phrase:
    """Return "the only task" or "all 2 tasks"."""
    return say(f"the only {noun}") if count == 1 else say("all {}", plural(count, noun))


def share_text(shares: Mapping[str, int]) -> Phrase:
    """Return shares as "C1 7, C2 7, C3 6"."""
    shown = ", ".join(f"{client} {count}" for client, count in shares.items())
    return say("{}", shown) if shown else say("nobody")


def counts_text(counted: QueueCounted | None) -> Phrase:
    """Return a broker's counts of a queue as "0 ready, 2 unacked"."""
    if counted is None:
        return say("no count")
    if not counted.exists:
        return say("no such queue")
    unacked = say("unknown") if counted.unacked_count is None else counted.unacked_count
    return say("{} ready, {} unacked", counted.ready_count, unacked)


def about(events: Iterable[Event], tasks: Iterable[str]) -> list[Event]:
    """Return those of the events that are about one of these tasks."""
    wanted = set(tasks)
    return [event for event in events if getattr(event, "task", None) in wanted]


def life_of(book: Ledger, tasks: Sequence[str]) -> list[Event]:
    """Return everything that happened to the first of these tasks, one task after the other."""
    if not tasks:
        return []
    events: list[Event] = [
        *book.published,
        *(delivery.event for delivery in book.deliveries),
        *book.settled,
        *book.received,
        *book.done,
    ]
    return [
        event
        for task in list(dict.fromkeys(tasks))[:FOLLOWED_TASKS]
        for event in sorted(about(events, [task]), key=lambda event: event.at_ns)
    ]


def shown(event: Event) -> Evidence:
    """Return an event as one line of evidence."""
    text = _text(event)
    return Evidence(
        at_ns=event.at_ns, text=str(text), witness=witness_of(event), worded=text.worded()
    )


def witness_of(event: Event) -> Witness:
    """Return who saw an event."""
    if isinstance(event, WireEvent):
        return "wire"
    if isinstance(event, OutputLine | TaskReceived | TaskDone | TaskSent | WorkBegan | WorkEnded):
        return "output"
    if isinstance(event, QueueCounted | BrokerStarted | BrokerStopped):
        return "broker"
    return "harness"


def _text(event: Event) -> Phrase:
    match event:
        case Published():
            lasting = say("persistent") if event.persistent else say("transient")
            if event.expiration is not None:
                lasting = say("{}, to expire after {} ms", lasting, event.expiration)
            return say(
                "{} basic.publish to {}, {}: {}",
                _where(event),
                event.routing_key,
                lasting,
                event.task,
            )
        case Delivered():
            again = say(", redelivered") if event.redelivered else ""
            return say(
                "{} basic.deliver {}{}: {}", _where(event), event.delivery_tag, again, event.task
            )
        case Settled():
            back = say(", requeue") if event.requeue else ""
            return say(
                "{} basic.{} {}{}: {}",
                _where(event),
                event.how,
                event.delivery_tag,
                back,
                str(event.task),
            )
        case ConsumerStarted():
            limit = f", prefetch {event.prefetch_count}" if event.prefetch_count else ""
            mode = ", no_ack" if event.no_ack else ""
            return say(
                "{} basic.consume-ok on {}{}{}", _where(event), str(event.queue), limit, mode
            )
        case ConsumerCancelled():
            by, tag = say(event.by), event.consumer_tag
            return say("{} basic.cancel by the {}: {}", _where(event), by, tag)
        case PrefetchSet():
            return say("{} basic.qos, prefetch {}", _where(event), event.prefetch_count)
        case TaskReceived():
            return say("{} printed that it received {}", event.client, str(event.task))
        case TaskSent():
            return say("{} printed that it sent {}", event.client, str(event.task))
        case TaskDone():
            return say("{} printed that it is done with {}", event.client, str(event.task))
        case OutputLine():
            return say("{} printed {}", event.client, repr(event.text))
        case Struck():
            is_at_work = event.works_begun > event.works_ended
            seen = ", ".join(event.unsettled) or (say("a task") if is_at_work else say("nothing"))
            held = seen if event.in_hand is None else event.in_hand
            return say("{} was struck with {} holding {}", event.client, event.signal_name, held)
        case Signalled():
            return say("{} was sent {}", event.client, event.signal_name)
        case Released():
            return say("the harness ends {}, as it ends all", event.client)
        case FaultLanded():
            return say("{} took effect on {}: {}", event.fault, event.client, event.proof)
        case ProgramExited():
            ending = event.signal_name or say("exit status {}", str(event.exit_code))
            return say("{} ended: {}", event.client, ending)
        case QueueCounted():
            if not event.exists:
                return say("the broker knows no queue {}", event.queue)
            unacked = say("unknown") if event.unacked_count is None else event.unacked_count
            return say(
                "the broker counts in {}: {} ready, {} unacked, {}",
                event.queue,
                event.ready_count,
                unacked,
                plural(event.consumer_count, "consumer"),
            )
        case QueueDeclared():
            lasting = say("durable") if event.durable else say("not durable")
            answer = say("no answer asked for")
            if event.answered:
                consumers = plural(event.consumer_count, "consumer")
                answer = say("{} ready, {}", event.ready_count, consumers)
            where = _where(event)
            return say("{} queue.declare of {}, {}: {}", where, event.queue, lasting, answer)
        case QueueDeleted():
            return say("{} queue.delete of {}: {}", _where(event), event.queue, _dropped(event))
        case QueuePurged():
            return say("{} queue.purge of {}: {}", _where(event), event.queue, _dropped(event))
        case Drained():
            ending = say("all there was") if event.complete else event.reason
            tasks = plural(event.task_count, "task")
            return say("{} taken out of {}: {}", tasks, event.queue, ending)
        case ChannelClosed():
            by, why = say(event.by), f"{event.code} {event.text}"
            return say("{} channel.close by the {}: {}", _where(event), by, why)
        case ConnectionClosed():
            by, why = say(event.by), f"{event.code} {event.text}"
            return say("{} connection.close by the {}: {}", event.client, by, why)
        case SocketClosed():
            where = say("{} [connection {}]", event.client, event.connection)
            return say("{} socket closed by the {}", where, say(event.by))
        case Undecodable():
            by = say(event.by)
            return say("{} undecodable bytes of the {}: {}", event.client, by, event.reason)
        case BrokerStopping():
            return say("the broker is to go down ({})", say(event.how))
        case BrokerStarted():
            return say("the broker is up again")
        case BrokerStopped():
            return say(
                "the broker has ended ({}): {}",
                say(event.how),
                phrase_of(event.detail, event.worded),
            )
        case _:
            name = type(event).__name__
            told = {
                field: getattr(event, field)
                for field in event.__struct_fields__
                if field != "at_ns" and getattr(event, field) not in (None, [], {}, "")
            }
            shown = ", ".join(f"{key} {value}" for key, value in told.items())
            return say("{} {}", name, shown)


def _dropped(event: QueueDeleted | QueuePurged) -> Phrase:
    if not event.answered:
        return say("no answer asked for")
    return say("{} dropped", plural(event.message_count, "message"))


def _where(event: ChannelEvent) -> Phrase:
    return say("{} [connection {}, channel {}]", event.client, event.connection, event.channel)


def _sentence(text: Phrase) -> Phrase:
    return text if text.endswith((".", "?")) else say("{}.", text)
