"""Dispatch: who gets which task, predicted from the history by the broker's own rules.

RabbitMQ hands the tasks of a classic queue to its consumers in turn, in the order in which they
subscribed, and passes over a consumer that has reached its prefetch limit (RabbitMQ documentation,
"Consumers" and "Consumer Prefetch").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from filaprova.judge.blame import declaration, role_of, who_let_go
from filaprova.judge.decision import (
    about,
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_arrival,
    doubts_about_output,
    every,
    life_of,
    named,
    plural,
    share_text,
)
from filaprova.judge.ledger import Delivery, Ledger
from filaprova.judge.lifetimes import end_of
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.subscriptions import POLLING, limit_of, only_polls, polled
from filaprova.judge.verdict import Blame, Figure, Verdict
from filaprova.phrase import joined, say, say_for
from filaprova.record.history import History
from filaprova.record.program import TaskReceived
from filaprova.record.wire import (
    ChannelClosed,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    QueueDeclared,
    SocketClosed,
)


@checker
def round_robin_by_subscription(history: History, *, queue: str) -> Verdict:
    """Task i goes to consumer i mod n, in the order of subscription."""
    book = ledger(history, queue)
    consumers = _there_when_it_began(history, book)
    order = [consumer.client for consumer in consumers]
    first = _first_deliveries(book)
    doubts = doubts_about(book, one_by_one=False) or doubts_about_arrival(book)
    why_not = _no_turns(history, book)
    if not doubts and why_not:
        return does_not_apply(
            why_not,
            figures={
                "consumers": len(order),
                "published": len(book.tasks),
                "shares": dict(_counted(first, order)),
                "order": list(order),
            },
        )
    doubts = doubts or doubts_about(book)
    if not doubts and not order:
        doubts = ["nobody subscribed"]
    if not doubts and consumers[-1].at_ns > book.published[0].at_ns:
        late = [c.client for c in consumers if c.at_ns > book.published[0].at_ns]
        doubts = [say("subscribed only after the first task was published: {}", ", ".join(late))]
    departed = _departed(history, book)
    if not doubts and departed:
        doubts = [say("went away before all tasks were dealt: {}", ", ".join(departed))]
    predicted = {
        task: order[index % len(order)] for index, task in enumerate(book.tasks if order else [])
    }
    wrong = [task for task, client in predicted.items() if first.get(task) != client]
    closed = _closed_upon(history, consumers)
    if not doubts and wrong and closed:
        doubts = [
            say("the broker closed on {}, maybe before it dealt the last task", ", ".join(closed))
        ]
    if not doubts and wrong and _published_at_once(history, book):
        return does_not_apply(
            "tasks were published on several channels at once, so nobody knows whose came first",
            figures={
                "consumers": len(order),
                "published": len(book.tasks),
                "shares": dict(_counted(first, order)),
                "order": list(order),
            },
        )
    by_subscribers = all(first.get(task) in order for task in wrong)
    shares = _counted(first, order)
    return decide(
        summary=say(
            "{} went to {} in turn: {}",
            plural(len(book.tasks), "task"),
            " -> ".join(order),
            share_text(shares),
        ),
        figures={
            "consumers": len(order),
            "published": len(book.tasks),
            "shares": dict(shares),
            "order": list(order),
        },
        findings=[
            say(
                "{} out of turn, first {}: predicted {}, went to {}",
                plural(len(wrong), "task"),
                repr(wrong[0]),
                predicted[wrong[0]],
                first.get(wrong[0], say("nobody")),
            )
        ]
        if wrong
        else [],
        blind=doubts,
        expected=say(
            "task i goes to consumer i mod {}: {}",
            len(order) or "n",
            share_text(_counted(predicted, order)),
        ),
        seen=share_text(shares),
        evidence=[*consumers, *life_of(book, wrong)],
        # What no consumer was sent first may have been taken by somebody who did not subscribe.
        blame="broker" if by_subscribers else None,
        hint="" if doubts or by_subscribers else "does somebody else consume from it?",
    )


@checker
def shares_even_by_count(history: History, *, queue: str) -> Verdict:
    """Every consumer is sent as many tasks as any other, or one more.

    Where all subscribe equally often, each subscription is.
    """
    book = ledger(history, queue)
    order = [consumer.client for consumer in book.consumers]
    shares = _counted(_first_deliveries(book), order)
    largest, smallest = max(shares.values(), default=0), min(shares.values(), default=0)
    favour, favoured_by = _favour(history, book)
    why_not = _no_turns(history, book)
    if why_not and not favour and largest and not doubts_about(book, one_by_one=False):
        return does_not_apply(
            why_not, figures={"shares": dict(shares), "largest": largest, "smallest": smallest}
        )
    doubts = doubts_about(book) or ([] if order else ["nobody subscribed"])
    if not doubts and not largest:
        doubts = ["nothing was delivered, so there are no shares"]
    return decide(
        summary=say("shares differ by {} at the most: {}", largest - smallest, share_text(shares))
        if largest - smallest <= 1
        else say("all subscribed equally often, each subscription in turn: {}", share_text(shares)),
        figures={"shares": dict(shares), "largest": largest, "smallest": smallest},
        findings=[
            say(
                "shares differ by {}: {}{}",
                largest - smallest,
                share_text(shares),
                say("; {}", favour) if favour else "",
            )
        ]
        if largest - smallest > 1 and not _even_by_subscription(book)
        else [],
        blind=doubts,
        expected="shares that differ by one at the most",
        seen=share_text(shares),
        evidence=book.consumers,
        # What a worker asks for one by one the broker has not dealt; a doubt blames nobody.
        blame="worker"
        if polled(book) or _subscribed_more_often(book)
        else favoured_by
        if favour and not doubts
        else "broker"
        if _all_alike(history, book)
        else None,
    )


@checker
def first_subscriber_takes_backlog(
    history: History, *, queue: str, clients: list[str] | None = None
) -> Verdict:
    """What is in the queue when the first consumer subscribes goes to it alone.

    The backlog is what the broker itself answered to that consumer's declaration of the queue.
    """
    book = ledger(history, queue)
    since_ns = book.starts[-1].at_ns if book.starts else 0
    consumers = [
        c
        for c in book.consumers
        if c.at_ns >= since_ns and (clients is None or c.client in clients)
    ]
    names = [consumer.client for consumer in consumers]
    sent = [d for d in book.delivered_to(names) if d.sent_at_ns >= since_ns]
    shares = _counted(_owners(sent), names)
    doubts = doubts_about(book)
    if not doubts and len(consumers) < 2:
        doubts = ["fewer than two consumers subscribed, so there is no first one"]
    if doubts:
        return decide(figures={"shares": dict(shares)}, doubts=doubts)
    first = consumers[0]
    backlog = _declared_backlog(history, first)
    if any(consumer.prefetch_count or consumer.channel_prefetch_count for consumer in consumers):
        return does_not_apply(
            "a consumer has a prefetch limit, so none takes everything",
            figures={"backlog": backlog, "first": first.client, "shares": dict(shares)},
        )
    findings: list[str] = []
    if backlog is None:
        doubts = [say("{} subscribed without having declared the queue", first.client)]
    elif not backlog:
        doubts = [say("the queue was empty when {} subscribed", first.client)]
    elif any(event.at_ns > first.at_ns for event in book.published):
        doubts = [say("tasks were published after {} had subscribed", first.client)]
    elif shares[first.client] != backlog or sum(shares.values()) != backlog:
        findings = [
            say_for(
                backlog,
                "{} was waiting, of which went: {}",
                "{} were waiting, of which went: {}",
                plural(backlog, "task"),
                share_text(shares),
            )
        ]
    return decide(
        summary=say(
            "{} subscribed first and was sent {} that waited; the others got nothing",
            first.client,
            every(backlog or 0, "task"),
        ),
        figures={"backlog": backlog, "first": first.client, "shares": dict(shares)},
        findings=findings,
        doubts=doubts,
        expected=say("{} {}, the others 0", first.client, backlog or say("all")),
        seen=share_text(shares),
        evidence=consumers,
        blame=_who_dealt_otherwise(history, book),
    )


def _who_dealt_otherwise(history: History, book: Ledger) -> Blame | None:
    """Return who is to blame that a backlog did not go to the first consumer.

    What nobody was sent, somebody may have let go; what another was sent, the broker dealt.
    """
    sent = {delivery.task for delivery in book.deliveries}
    absent = [task for task in book.tasks if task not in sent]
    return who_let_go(history, book, absent[0]) if absent else "broker"


@checker
def fair_dispatch(history: History, *, queue: str) -> Verdict:
    """Whoever is free gets the next task: nobody is left out, and newcomers join at once.

    Where the broker counted the queue while all workers stood still with a task each, and tasks
    were waiting, each consumer must have held exactly as many as its prefetch allows.
    """
    book = ledger(history, queue)
    shares = book.shares()
    started_ns = min((d.event.at_ns for d in book.worked), default=0)
    newcomers = {
        consumer.client: shares[consumer.client]
        for consumer in book.consumers
        if consumer.at_ns > started_ns
    }
    left_out = [
        consumer.client
        for consumer in book.consumers
        if not shares[consumer.client] and _saw_others_served(history, book, consumer)
    ]
    if only_polls(book):
        return does_not_apply(
            say("{}, so whoever is free asks for the next", POLLING),
            figures={"shares": dict(shares), "consumers": len(shares), "newcomers": {}},
        )
    favour, favoured_by = _favour(history, book)
    findings: list[str] = []
    doubts = doubts_about(book)
    if not doubts and not all(limit_of([consumer]) for consumer in book.consumers):
        doubts = ["a consumer has no prefetch limit, so dispatch is by turns"]
    if left_out:
        why = say("; {}", favour) if favour else ""
        findings.append(say("got no task: {}{}", ", ".join(left_out), why))
    compared = []
    for comparison in book.counts:
        at_ns = comparison.counted.at_ns
        present = [c for c in book.consumers if c.at_ns <= at_ns <= end_of(history, c, at_ns)]
        if not present or not {c.client for c in present} <= comparison.frozen:
            continue
        if not comparison.counted.ready_count or not comparison.counted.unacked_count:
            continue
        compared.append(comparison)
        allowed = limit_of(present)
        if comparison.counted.unacked_count != allowed:
            findings.append(
                say_for(
                    comparison.counted.ready_count,
                    "{} held instead of {} while {} was waiting",
                    "{} held instead of {} while {} were waiting",
                    comparison.counted.unacked_count,
                    allowed,
                    plural(comparison.counted.ready_count, "task"),
                )
            )
    if not doubts and not compared and _subscribe_for_each_task(history, book):
        return does_not_apply(
            "a worker subscribes for one task and cancels, so whoever is free asks for the next",
            figures={
                "shares": dict(shares),
                "consumers": len(shares),
                "newcomers": dict(newcomers),
            },
        )
    if not doubts and not compared:
        doubts = ["the queue was not listed while all workers stood still and tasks were waiting"]
    return decide(
        summary=say("whoever was free got the next task: {}", share_text(shares)),
        figures={
            "shares": dict(shares),
            "consumers": len(shares),
            "newcomers": dict(newcomers),
        },
        findings=findings,
        blind=doubts,
        expected="each consumer holds as many as its prefetch allows while tasks are waiting",
        seen=share_text(shares),
        evidence=[*book.consumers, *(comparison.counted for comparison in compared)],
        # What a worker asks for one by one no prefetch holds back; a doubt blames nobody.
        blame="worker" if polled(book) else favoured_by if favour and not doubts else "broker",
    )


def _subscribe_for_each_task(history: History, book: Ledger) -> bool:
    """Tell whether all subscribe again and again, and cancel it themselves each time."""
    cancels = Counter(
        event.client for event in history.of(ConsumerCancelled) if event.by == "client"
    )
    started = Counter(consumer.client for consumer in book.consumers)
    return bool(started) and all(1 < n <= cancels[client] + 1 for client, n in started.items())


@checker
def working_time(history: History, *, queue: str) -> Verdict:
    """How long each worker worked and idled between the first task begun and the last one done.

    Whoever has several tasks in hand at once is at work while it has any.
    """
    book = ledger(history, queue)
    in_hand: defaultdict[str, list[str | None]] = defaultdict(list)
    since_ns: dict[str, int] = {}
    busy_ns: Counter[str] = Counter({consumer.client: 0 for consumer in book.consumers})
    for event in book.output():
        hand = in_hand[event.client]
        if isinstance(event, TaskReceived):
            if not hand:
                since_ns[event.client] = event.at_ns
            hand.append(event.task)
        elif event.task in hand:
            hand.remove(event.task)
            if not hand:
                busy_ns[event.client] += event.at_ns - since_ns[event.client]
    begun = [str(task) for hand in in_hand.values() for task in hand]
    doubts = doubts_about(book) or doubts_about_output(book)
    if not doubts and not book.received:
        doubts = ["no worker printed both that it began and that it was done"]
    if not doubts and begun:
        doubts = [say("begun and never done: {}", named(begun))]
    if doubts:
        return decide(figures={}, doubts=doubts)
    start_ns = min(event.at_ns for event in book.received)
    makespan_ns = max(event.at_ns for event in book.done) - start_ns
    makespan_s = makespan_ns / 1e9
    busy = {client: ns / 1e9 for client, ns in busy_ns.items()}
    idle = {client: (makespan_ns - ns) / 1e9 for client, ns in busy_ns.items()}
    figures: dict[str, Figure] = {
        "makespan_s": makespan_s,
        "busy_s": dict(busy),
        "idle_s": dict(idle),
        "most_busy_s": max(busy.values()),
        "least_busy_s": min(busy.values()),
        "idle_total_s": sum(idle.values()),
        "shares": dict(book.shares()),
        "tasks_per_s": round(len(book.done) / max(makespan_s, 1e-9)),
    }
    told = joined(", ", [say("{} {:.2f} s", client, seconds) for client, seconds in busy.items()])
    return decide(
        summary=say("all done after {:.2f} s; at work: {}", makespan_s, told),
        figures=figures,
        expected="every task begun is done",
        seen=told,
        evidence=about(book.received, [book.tasks[0]]),
    )


def _no_turns(history: History, book: Ledger) -> str:
    """Return why tasks are not dealt in turns here; empty: they are."""
    if only_polls(book):
        return say("{}, so nobody deals them out", POLLING)
    if any(c.prefetch_count or c.channel_prefetch_count for c in book.consumers):
        return "a consumer has a prefetch limit, so tasks go to whoever is free"
    if _favour(history, book)[0]:
        return "the queue serves some consumers before others, so there are no turns"
    return ""


def _favour(history: History, book: Ledger) -> tuple[str, Blame | None]:
    """Return why the queue serves some before others, and who had it do so; empty: it does not.

    RabbitMQ documentation, "Consumer Priorities" and "Single Active Consumer".
    """
    declared = declaration(history, book.queue)
    if declared and declared.arguments.get("x-single-active-consumer") and len(book.consumers) > 1:
        told = say("{} declared the queue to serve one consumer only", declared.client)
        return told, role_of(history, declared.client)
    priorities = {consumer.client: consumer.priority for consumer in book.consumers}
    if len(set(priorities.values())) < 2:
        return "", None
    first = max(priorities, key=lambda client: priorities[client])
    return say("{} subscribed with a higher priority", first), "worker"


def _subscribed_more_often(book: Ledger) -> bool:
    """Tell whether some have more than one subscription on a connection, and not all as many."""
    counts = Counter((consumer.client, consumer.connection) for consumer in book.consumers)
    return len(set(counts.values())) > 1


def _even_by_subscription(book: Ledger) -> bool:
    """Tell whether all subscribed equally often, and each subscription has an even share."""
    counts = Counter(consumer.client for consumer in book.consumers)
    dealt = [delivery.event for delivery in _firsts(book.worked).values()]
    shares = Counter((event.connection, event.channel, event.consumer_tag) for event in dealt)
    shares.update({(c.connection, c.channel, c.consumer_tag): 0 for c in book.consumers})
    return len(set(counts.values())) == 1 and max(shares.values()) - min(shares.values()) <= 1


def _all_alike(history: History, book: Ledger) -> bool:
    """Tell whether all were there from the first task to the last."""
    late = any(consumer.at_ns > _began_ns(book) for consumer in book.consumers)
    return not late and not _departed(history, book)


def _published_at_once(history: History, book: Ledger) -> bool:
    """Tell whether tasks came on several connections at one time, or on several channels."""
    closed_ns = {event.connection: event.at_ns for event in history.of(SocketClosed)}
    return any(
        before.channel != event.channel
        if before.connection == event.connection
        else closed_ns.get(before.connection, event.at_ns) >= event.at_ns
        for before, event in pairwise(book.published)
    )


def _departed(history: History, book: Ledger) -> list[str]:
    """Return who was gone when the last of all tasks was sent to a worker for the first time."""
    firsts = _firsts(book.worked).values()
    dealt_ns = max((delivery.event.at_ns for delivery in firsts), default=0)
    consumers = _there_when_it_began(history, book)
    return [c.client for c in consumers if dealt_ns > end_of(history, c, dealt_ns)]


def _closed_upon(history: History, consumers: list[ConsumerStarted]) -> list[str]:
    """Return whose channel or connection the broker closed: when is on the wire only later."""
    closings: list[ChannelClosed | ConnectionClosed]
    closings = [*history.of(ChannelClosed), *history.of(ConnectionClosed)]
    gone = {event.connection for event in closings if event.by == "broker"}
    return [consumer.client for consumer in consumers if consumer.connection in gone]


def _there_when_it_began(history: History, book: Ledger) -> list[ConsumerStarted]:
    """Return the subscriptions, without those that had ended before the first task came."""
    began_ns = _began_ns(book)
    return [c for c in book.consumers if end_of(history, c, began_ns) >= began_ns]


def _began_ns(book: Ledger) -> int:
    """Return when the first task came."""
    return book.published[0].at_ns if book.published else 0


def _saw_others_served(history: History, book: Ledger, consumer: ConsumerStarted) -> bool:
    """Tell whether it was passed over: others were sent tasks time and again while it was there.

    Once each may have been on its way or had its turn before.
    """
    others = Counter(
        (delivery.event.connection, delivery.event.consumer_tag)
        for delivery in book.worked
        if delivery.event.consumer_tag is not None
        and consumer.at_ns < (at_ns := delivery.event.at_ns) <= end_of(history, consumer, at_ns)
    )
    limits = Counter({(c.connection, c.consumer_tag): limit_of([c]) for c in book.consumers})
    return any(count > limits[key] for key, count in others.items())


def _first_deliveries(book: Ledger) -> dict[str, str]:
    """Return to whom each task was sent first."""
    return _owners(book.worked)


def _owners(deliveries: list[Delivery]) -> dict[str, str]:
    """Return to whom each task went first in these deliveries."""
    return {task: delivery.client for task, delivery in _firsts(deliveries).items()}


def _firsts(deliveries: list[Delivery]) -> dict[str, Delivery]:
    """Return the first delivery of each task.

    Of two on two connections the record may have that first which came again.
    """
    firsts: dict[str, Delivery] = {}
    for delivery in sorted(deliveries, key=lambda delivery: delivery.event.redelivered):
        firsts.setdefault(delivery.task, delivery)
    return firsts


def _counted(owners: dict[str, str], order: list[str]) -> Counter[str]:
    """Return how many tasks each client owns, also those that own none, in this order."""
    shares = Counter(dict.fromkeys(order, 0))
    shares.update(owners.values())
    return shares


def _declared_backlog(history: History, consumer: ConsumerStarted) -> int | None:
    """Return what the broker told a consumer on declaring the queue, before it subscribed."""
    declared = [
        event
        for event in history.of(QueueDeclared)
        if event.client == consumer.client
        and event.queue == consumer.queue
        and event.answered
        and event.at_ns <= consumer.at_ns
    ]
    return declared[-1].ready_count if declared else None
