"""Publishing: did each publisher see to it that its tasks arrived, and as they were to be?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache

from filaprova.judge.blame import role_of
from filaprova.judge.completion import body_of, form
from filaprova.judge.decision import about, decide, does_not_apply, named, plural
from filaprova.judge.orders import asked_of, counted_twice, one_name_for_many, stuck
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.topology import arrived, routes_of
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import joined, say, say_for
from filaprova.record.act import Drained
from filaprova.record.history import History
from filaprova.record.program import OutputLine, ProgramExited, TaskSent
from filaprova.record.transactions import Transactions
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    Confirmed,
    ConnectionClosed,
    ConsumerStarted,
    Delivered,
    Published,
    PublishRefused,
    QueueDeleted,
    QueuePurged,
    Returned,
    SocketClosed,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
)

NOTICE = re.compile(
    r"return|unroutable|undeliver|no.?route|nack|reject|refus|not\s+(?:sent|confirmed)|retry"
    r"|fail|error|devolv|recusad|rejeitad|falh|erro",
    re.IGNORECASE,
)
"""Words of a program that speaks of what it could not deliver."""


@checker
def publishers_duties_done(history: History) -> Verdict:
    """What a program published went somewhere, and what was turned away was published again.

    The broker drops what no binding takes up, and says so only where it is asked to (``mandatory``;
    RabbitMQ documentation, "Publishers", "Unroutable Message Handling"); what a channel publishes
    in a transaction counts once it is committed; rolling back is a decision of its own. A program
    that is killed could notice nothing more; one that fails, or speaks of it, has noticed. Tasks of
    the very form of those that somebody consumes are not to end in a queue that nobody does. Nor
    does a publisher that counts its tasks send the same number twice, or wait for ever before it
    has sent what it was asked for, or give different tasks the same ``message_id`` where a worker
    does nothing twice.
    """
    fates = history.derived("fates of publishes", _fates)
    programs = {
        client for client in fates.by_client if role_of(history, client) in ("publisher", "worker")
    }
    published = sum(fates.by_client[client] for client in programs)
    nowhere = sum(fates.nowhere_count[client] for client in programs)
    pretending = _pretending(history, fates)
    if pretending:
        client, count = pretending[0]
        return decide(
            figures={"published": published, "nowhere": nowhere},
            findings=[
                say(
                    "{} printed {} as sent, published none of them, and ended as if all was well",
                    client,
                    plural(count, "task"),
                )
            ],
            expected="what a program says that it sent is on the wire",
            seen=say("{} published nothing", client),
            evidence=[event for event in history.of(TaskSent) if event.client == client][:3],
            blame=role_of(history, client),
            hint="did it end before its client library had written what it was given?",
        )
    if not programs:
        return does_not_apply(
            "no program published anything", figures={"published": 0, "nowhere": 0}
        )
    excused = {
        event.client
        for event in history.of(ProgramExited)
        if event.exit_code != 0 or event.signal_name is not None
    }
    excused |= {event.client for event in history.of(OutputLine) if NOTICE.search(event.text)}
    findings: list[str] = []
    suspects: list[str] = []
    culprits: list[Blame | None] = []
    excused_count = 0
    for client in sorted(programs):
        for what, tasks, could_notice in (
            (
                ["to where no queue takes it up", "to where no queue takes them up"],
                fates.nowhere,
                False,
            ),
            (["to a queue that nobody consumes from, unlike others"], fates.parked, False),
            (
                ["on a channel that the broker closed for its mistake, not again"],
                fates.cut,
                False,
            ),
            (["in a transaction that it never committed"], fates.undone, True),
            (["that the broker sent back or refused"], fates.refused, True),
        ):
            gone = list((tasks[client] - fates.arrived[client]).elements())
            if gone and could_notice and client in excused:
                excused_count += len(gone)
                continue
            if not gone:
                continue
            other = _bound_otherwise(history, client, gone) if tasks is fates.nowhere else ""
            findings.append(
                say(
                    "{} published {} {}: {}{}",
                    client,
                    plural(len(gone), "task"),
                    say_for(len(gone), what[0], what[-1]),
                    named(gone),
                    other,
                )
            )
            suspects += gone
            culprits.append(None if other else role_of(history, client))
    for client in sorted(programs):
        if role_of(history, client) != "publisher":
            continue
        again, alike = counted_twice(history, client), one_name_for_many(history, client)
        if again:
            findings.append(
                say(
                    "{} counts its tasks, and published {} of them again: {}",
                    client,
                    plural(len(again), "number"),
                    named(again),
                )
            )
        if waits := stuck(history, client, fates.by_client[client]):
            findings.append(waits)
        if alike:
            findings.append(
                say(
                    "{} published {} with the same message_id, and who does nothing twice left all "
                    "but one undone",
                    client,
                    plural(len(alike), "task"),
                )
            )
        suspects += again
        culprits += ["publisher"] * bool(again or alike or waits)
    by_whom = plural(published, "task"), plural(len(programs), "program")
    return decide(
        summary=say_for(
            excused_count,
            "{} published by {}, of which {} was not taken up, and whoever published that noticed, "
            "or could not any more",
            "{} published by {}, of which {} were not taken up, and whoever published that "
            "noticed, or could not any more",
            *by_whom,
            excused_count,
        )
        if excused_count
        else say("{} published by {}, each taken up by a queue", *by_whom),
        figures={"published": published, "nowhere": nowhere},
        findings=findings,
        expected="each task is published to where a queue takes it up",
        seen=joined("; ", findings)
        or ("what was not taken up was noticed" if excused_count else "each was taken up"),
        evidence=about(history.of(Published), suspects[:3]),
        blame=culprits[0] if culprits else None,
        hint="is the queue declared and bound before, and its name the one that workers consume "
        "from?"
        if nowhere
        else "",
    )


def _bound_otherwise(history: History, client: str, tasks: Sequence[str]) -> str:
    """Return how a worker bound the exchange to which these went, with other keys; else nothing.

    Which of the two keys is meant nobody can tell, unless whoever publishes binds as well.
    """
    gone = set(tasks)
    sent = [e for e in history.of(Published) if e.client == client and e.task in gone]
    exchanges = {event.exchange for event in sent}
    bound = [event for event in history.of(Bound) if event.source in exchanges]
    theirs = [event for event in bound if role_of(history, event.client) == "worker"]
    if "" in exchanges or len(theirs) < len(bound) or not theirs:
        return ""
    first, key = theirs[0], sent[0].routing_key
    return say(
        "; {} bound {} with {}, they have {}",
        first.client,
        first.source,
        repr(first.routing_key),
        repr(key),
    )


def _pretending(history: History, fates: _Fates) -> list[tuple[str, int]]:
    """Return who printed that it sent tasks, published nothing, and ended with status 0."""
    well = {event.client for event in history.of(ProgramExited) if event.exit_code == 0}
    said = Counter(event.client for event in history.of(TaskSent))
    return [(c, n) for c, n in said.items() if c in well and not fates.by_client[c]]


@checker
def published_as_persistent(history: History, *, queue: str) -> Verdict:
    """Every task was published as persistent (delivery mode 2): the broker is to keep it."""
    book = ledger(history, queue)
    transient = [event for event in book.published if not event.persistent]
    return decide(
        summary=say("{} published as persistent", plural(len(book.published), "task")),
        figures={"published": len(book.published), "transient": len(transient)},
        findings=[
            say_for(
                len(transient),
                "{} was published as transient: {}",
                "{} were published as transient: {}",
                plural(len(transient), "task"),
                named([event.task for event in transient]),
            )
        ]
        if transient
        else [],
        doubts=[] if book.published else [say("nothing was published to {}", queue)],
        expected="delivery mode 2",
        seen=say("{} transient", len(transient)),
        evidence=transient or book.published[:1],
        blame=role_of(history, transient[0].client) if transient else None,
    )


class _Fates:
    """What became of every publish, by client; each task as often as it was published."""

    def __init__(self) -> None:
        self.by_client: Counter[str] = Counter()
        self.nowhere_count: Counter[str] = Counter()
        """All that no queue took up, noticed or not."""
        self.arrived: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.nowhere: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.parked: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Taken up by queues only that nobody consumes from, of the form of others that are."""
        self.cut: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Never seen again, after the broker had closed the channel; its program ended well."""
        self.undone: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.refused: defaultdict[str, Counter[str]] = defaultdict(Counter)


def _fates(history: History) -> _Fates:
    fates, routes = _Fates(), routes_of(history)
    transactions: Transactions[tuple[Published, bool]] = Transactions()
    answers: list[Returned | PublishRefused]
    answers = [*history.of(Returned), *history.of(PublishRefused)]
    turned_away = Counter((event.connection, event.channel, event.task) for event in answers)
    delivered = arrived(history)

    parked, cut = _parked(history), _cut(history)
    known = {event.task for event in history.of(Delivered)}

    asked = asked_of(history)
    taken_up: defaultdict[str, list[Published]] = defaultdict(list)
    for publish in history.of(Published):
        if routes[id(publish)] or id(publish) in delivered:
            taken_up[publish.client].append(publish)

    @cache
    def ways_of_tasks(client: str) -> tuple[set[str], set[str]]:
        tasks = taken_up[client]
        return {task.exchange for task in tasks}, {form(body_of(task)) for task in tasks}

    def is_news(event: Published) -> bool:
        """Tell whether a program tells whoever may listen what it does; that may be nobody.

        A worker may at any time; a publisher in other words and on another exchange than its tasks,
        of which none is missing.
        """
        if not event.exchange or event.task in known:
            return False
        if role_of(history, event.client) == "worker":
            return True
        exchanges, forms = ways_of_tasks(event.client)
        return (
            0 < asked.get(event.client, 0) <= len(taken_up[event.client])
            and event.exchange not in exchanges
            and form(body_of(event)) not in forms
        )

    def settle(event: Published, nowhere: bool) -> None:
        key = (event.connection, event.channel, event.task)
        fates.nowhere_count[event.client] += nowhere
        if turned_away[key] > 0:
            turned_away[key] -= 1
            place = fates.refused
        elif id(event) in parked:
            place = fates.parked
        elif id(event) in cut:
            place = fates.cut
        else:
            place = fates.nowhere if nowhere else fates.arrived
        place[event.client][event.task] += 1

    def undo(connection: int, channel: int | None = None) -> None:
        for event, _ in transactions.end(connection, channel):
            fates.undone[event.client][event.task] += 1

    for event in history:
        match event:
            case Published():
                fates.by_client[event.client] += 1
                nowhere = routes[id(event)] == set() and id(event) not in delivered
                nowhere = nowhere and not is_news(event)
                if not transactions.keep(event.connection, event.channel, (event, nowhere)):
                    settle(event, nowhere)
            case TransactionSelected():
                transactions.select(event)
            case TransactionCommitted():
                for each, nowhere in transactions.take(event.connection, event.channel):
                    settle(each, nowhere)
            case TransactionRolledBack():
                transactions.take(event.connection, event.channel)
            case ChannelClosed():
                undo(event.connection, event.channel)
            case ConnectionClosed() | SocketClosed():
                undo(event.connection)
    return fates


def _parked(history: History) -> set[int]:
    """Return the publishes, by ``id``, that went only to where nobody consumes, unlike their like.

    Their like are of the same program and form: bodies that differ in digits only.
    """
    routes_by_id = routes_of(history)
    consumed = {event.queue for event in history.of(ConsumerStarted)}
    consumed |= {str(event.queue) for event in history.of(Delivered)}
    consumed |= {event.queue for event in history.of(Drained)}
    like: set[tuple[str, str]] = set()
    taken: set[tuple[str, str]] = set()
    aside: list[Published] = []
    for event in history.of(Published):
        routes = routes_by_id[id(event)]
        if routes and routes & consumed:
            like.add((event.client, form(body_of(event))))
            taken.add((event.client, event.task))
        elif routes:
            aside.append(event)
    return {
        id(event)
        for event in aside
        if (event.client, form(body_of(event))) in like and (event.client, event.task) not in taken
    }


def _cut(history: History) -> set[int]:
    """Return the publishes, by ``id``, that the broker did not take any more on a closed channel.

    They are not in their queue, which was emptied, and nobody was sent them. A program that fails
    has noticed.
    """
    closed = {
        (event.connection, event.channel)
        for event in history.of(ChannelClosed)
        if event.by == "broker"
    }
    well = {event.client for event in history.of(ProgramExited) if event.exit_code == 0}
    emptied = {event.queue for event in history.of(Drained) if event.complete}
    emptied -= {event.queue for event in history.of(QueueDeleted)}
    emptied -= {event.queue for event in history.of(QueuePurged)}
    seen = {event.task for event in history.of(Delivered)}
    seen |= {event.task for event in history.of(Confirmed)}
    return {
        id(event)
        for event in history.of(Published)
        if (event.connection, event.channel) in closed
        if event.client in well and event.routing_key in emptied and event.task not in seen
    }
