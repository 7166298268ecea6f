"""Repetition: what was received or done more than once, and was that permitted?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from filaprova.judge.blame import role_of
from filaprova.judge.decision import (
    decide,
    does_not_apply,
    doubts_about,
    doubts_about_dismissals,
    doubts_about_output,
    forgettable,
    forgotten_between,
    life_of,
    named,
    plural,
)
from filaprova.judge.leaving import closed_in_order, handed_back, in_order_text
from filaprova.judge.ledger import Delivery, FinishedBy, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.topology import arrived
from filaprova.judge.verdict import Blame, Verdict
from filaprova.phrase import Phrase, as_phrase, joined_names, say, say_for
from filaprova.record.act import Withheld
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramStarted
from filaprova.record.wire import Delivered, Published


@checker
def none_done_twice(history: History, *, queue: str, finished_by: FinishedBy = "done") -> Verdict:
    """No task was finished more than once."""
    book = ledger(history, queue)
    finishers = book.finishers(finished_by)
    acknowledged = {delivery.task for delivery in book.worked if delivery.fate == "acked"}
    twice = [task for task in book.done_twice(finished_by) if not _only_said(book, task)]
    invented = set(twice) & _more_often_than_sent(book, _by_client(finishers))
    finished = finishers.keys() | (acknowledged & set(book.tasks))
    elsewhere = _also_elsewhere(history, book)
    findings = []
    if twice:
        findings.append(
            say("{} finished more than once: {}", plural(len(twice), "task"), named(twice))
        )
    if elsewhere:
        findings.append(_sent_elsewhere(elsewhere))
    again, held = _published_again(history, book), _held_and_published(history, book)
    findings[:0] = [*_told_again(again, queue), *_told_held(held, queue)]
    again = again or held
    blind = [] if again else doubts_about(book)
    doubts = _silent_about(book, finished_by)
    if not doubts and not finished:
        doubts = ["no worker has finished anything, so there is nothing to judge"]
    return decide(
        summary=say("{} finished, each of them once", plural(len(finished), "task")),
        figures={"finished": len(finished), "done_twice": len(twice)},
        findings=findings,
        blind=blind,
        doubts=doubts,
        expected="each task is finished once",
        seen=say("{} finished more than once", plural(len(twice), "task")),
        evidence=again or life_of(book, twice) or elsewhere,
        blame="worker" if again or invented or elsewhere or _put_back(book, twice) else None,
        hint="a worker does twice what it is sent twice: see who went away without acknowledging"
        if twice
        else "",
    )


def _sent_elsewhere(events: Sequence[Delivered]) -> Phrase:
    tasks, clients = _tasks_and_clients(events)
    queues = sorted({str(event.queue) for event in events})
    return say_for(
        len(queues),
        "{} also sent to {} from {}, a queue that got a copy of each: {}",
        "{} also sent to {} from {}, queues that got a copy of each: {}",
        plural(len(tasks), "task"),
        joined_names(clients),
        joined_names(queues),
        named(tasks),
    )


def _told_again(events: Sequence[Published], queue: str) -> list[Phrase]:
    return _told_of_copies(
        events,
        queue,
        "{} published {} to {} again that it had done: {}",
        "{} published {} to {} again that they had done: {}",
    )


def _told_held(events: Sequence[Published], queue: str) -> list[Phrase]:
    return _told_of_copies(
        events,
        queue,
        "{} published {} to {} again that it held, and both were done: {}",
        "{} published {} to {} again that they held, and both were done: {}",
    )


def _told_of_copies(events: Sequence[Published], queue: str, one: str, more: str) -> list[Phrase]:
    """Return who published what again, in the words for one or for more of them; [] for none."""
    if not events:
        return []
    tasks, clients = _tasks_and_clients(events)
    who, what = joined_names(clients), plural(len(tasks), "task")
    return [say_for(len(clients), one, more, who, what, queue, named(tasks))]


def _tasks_and_clients(events: Sequence[Published | Delivered]) -> tuple[list[str], list[str]]:
    """Return the tasks that these are about, and the clients, each once."""
    return list(dict.fromkeys(e.task for e in events)), sorted({e.client for e in events})


def _published_again(history: History, book: Ledger) -> list[Published]:
    """Return what workers published to the queue although they had said that it is done.

    One that tries a task again later has not done it.
    """
    done_ns: dict[tuple[str, str | None], int] = {}
    for event in book.done:
        done_ns.setdefault((event.client, event.task), event.at_ns)
    again = [
        event
        for event in book.published
        if done_ns.get((event.client, event.task), event.at_ns) < event.at_ns
        and role_of(history, event.client) == "worker"
    ]
    return again if len({event.task for event in again}) > 1 else []


def _held_and_published(history: History, book: Ledger) -> list[Published]:
    """Return what workers published to the queue again while they held it, where both were done.

    One that gives a task to somebody else, or to itself for later, does not do it as well. What
    came back because somebody went away may have been done twice for that.
    """
    publishing = {event.client for event in book.published}
    workers = {client for client in publishing if role_of(history, client) == "worker"}
    if not workers:
        return []
    originals: Counter[str] = Counter()
    copies = []
    for event in book.published:
        if event.client not in workers:
            originals[event.task] += 1
        elif any(
            delivery.client == event.client and delivery.event.at_ns < event.at_ns
            for delivery in book.deliveries_by_task.get(event.task, ())
        ):
            copies.append(event)
    done = Counter(event.task for event in book.done)
    excused = {d.task for d in book.deliveries if d.came_back and d.fate != "requeued"}
    both = [
        event
        for event in copies
        if done[event.task] > originals[event.task] > 0 and event.task not in excused
    ]
    return both if len({event.task for event in both}) > 1 else []


@checker
def done_twice_exactly_done_by(history: History, *, queue: str, killed: list[str]) -> Verdict:
    """Done twice is exactly what the killed had done, since nobody acknowledged anything."""
    book = ledger(history, queue)
    by_killed = set(book.done_by(killed)) & set(book.tasks)
    twice = book.done_twice()
    missing = sorted(by_killed - set(twice))
    more = [task for task in twice if task not in by_killed]
    findings = []
    if missing:
        findings.append(say("done by the killed, but not again by another: {}", named(missing)))
    if more:
        findings.append(say("done twice without the killed having done it: {}", named(more)))
    doubts = doubts_about(book) or doubts_about_dismissals(book)
    doubts = doubts or doubts_about_output(book, killed)
    if not doubts and missing:
        doubts = doubts_about_output(book)
    if not doubts and not by_killed and not more:
        doubts = [say("{} had done nothing: the fault came too early", joined_names(killed))]
    return decide(
        summary=say_for(
            len(by_killed),
            "{} had done {}; exactly this was done twice",
            "{} had done {}; exactly these were done twice",
            joined_names(killed),
            plural(len(by_killed), "task"),
        ),
        figures={
            "done_by_killed": len(by_killed),
            "done_twice": len(twice),
            "done_twice_tasks": list(twice),
        },
        findings=findings,
        blind=doubts,
        expected=say("done twice = done by the killed = {}", len(by_killed)),
        seen=say("{} done twice", plural(len(twice), "task")),
        evidence=life_of(book, missing or more or twice),
        blame=_to_blame(book, more, _by_client(book.finishers())),
    )


@checker
def done_twice_within_in_flight(history: History, *, queue: str) -> Verdict:
    """Done twice is at most what was in flight when a worker or the broker went away.

    In flight are deliveries that came back unacknowledged; and, where the broker went down, those
    whose acknowledgement it may not have read or kept: written in the last instant before a stop,
    or at any time before a kill. Who closes in order, and so hands back what it has not
    acknowledged, does not do it all the same.
    """
    book = ledger(history, queue)
    in_flight = {delivery.task for delivery in book.returned()}
    acked_last = {
        delivery.task for stop in book.stops for delivery in forgettable(book, stop, book.worked)
    }
    finishers = book.finishers()
    twice = [task for task in book.done_twice() if not _only_said(book, task)]
    unexplained = [task for task in twice if not _in_one_life(book, task, finishers[task])]
    kept_on = [d for d in _done_though_handed_back(history, book) if d.task in twice]
    findings = []
    if unexplained:
        findings.append(say("done twice without having been in flight: {}", named(unexplained)))
    if kept_on:
        clients = sorted({delivery.client for delivery in kept_on})
        findings.append(
            say_for(
                len(clients),
                "{} closed in order and so handed back what it had not acknowledged, but did it to "
                "its end: {}",
                "{} closed in order and so handed back what they had not acknowledged, but did it "
                "to its end: {}",
                joined_names(clients),
                named([delivery.task for delivery in kept_on]),
            )
        )
    doubts = doubts_about(book)
    left_in_order = handed_back(history, book)
    if not doubts and not in_flight and not acked_last and not unexplained and not left_in_order:
        doubts = ["nothing was in flight when something went away: the fault had no effect"]
    if not doubts and not in_flight and not acked_last and not unexplained:
        return does_not_apply(
            in_order_text(left_in_order),
            figures={"in_flight": 0, "done_twice": 0, "done_twice_tasks": [], "acked_last": 0},
        )
    may_return = say("{} in flight", plural(len(in_flight), "task"))
    if acked_last - in_flight:
        may_return = say(
            "{} and {} whose acknowledgement may not have been kept",
            may_return,
            len(acked_last - in_flight),
        )
    return decide(
        summary=say_for(
            len(twice),
            "of {} {} was done twice, and no other",
            "of {} {} were done twice, and no other",
            may_return,
            len(twice),
        ),
        figures={
            "in_flight": len(in_flight),
            "done_twice": len(twice),
            "done_twice_tasks": list(twice),
            "acked_last": len(acked_last - in_flight),
        },
        findings=findings,
        blind=doubts,
        expected=say("done twice are at most {}", may_return),
        seen=say("{} done twice: {}", plural(len(twice), "task"), named(twice)),
        evidence=life_of(book, unexplained or [d.task for d in kept_on] or twice),
        blame=_to_blame(book, unexplained, _by_client(finishers)) if unexplained else "worker",
    )


def _done_though_handed_back(history: History, book: Ledger) -> list[Delivery]:
    """Return what workers did to its end, and had handed back themselves by closing in order.

    Not of one that never acknowledges anything, nor of one whose acknowledgement did not arrive, or
    on which the broker had closed before.
    """
    closed = closed_in_order(history)
    acknowledging = {event.client for event in book.settled}
    acknowledging -= {event.client for event in history.of(Withheld)} | book.dismissed.keys()
    done = {(event.client, event.task) for event in book.done}
    return [
        delivery
        for delivery in book.returned()
        if delivery.client in acknowledging and (delivery.client, delivery.task) in done
        if closed & {(delivery.event.connection, c) for c in (None, delivery.event.channel)}
        and not delivery.unheard
    ]


@checker
def received_twice_exactly_in_flight(history: History, *, queue: str) -> Verdict:
    """Received twice is exactly what a worker had begun and not acknowledged when it went away.

    One that went down with several workers in turn is received once more for each of them. What
    came back because the broker went down and may not have kept what settled it is a doubt.
    """
    book = ledger(history, queue)
    returned = book.returned()
    if all(account.tells_receipts for account in book.accounts.values()):
        receivers = book.finishers("received")
    else:  # who was sent a task may have begun it
        receivers = {}
        for delivery in book.worked:
            receivers.setdefault(delivery.task, []).append(delivery.client)
    begun = _by_client(receivers)
    in_flight: Counter[str] = Counter()
    for (_, task), count in (Counter((d.client, d.task) for d in returned) & begun).items():
        in_flight[task] += count
    twice = [task for task, clients in receivers.items() if len(clients) > 1]
    more = [task for task in twice if not _in_one_life(book, task, receivers[task])]
    forgotten = [
        task for task in twice if task not in more and len(receivers[task]) > 1 + in_flight[task]
    ]
    left = {delivery.task for delivery in book.left}
    due = sorted(
        task for task in in_flight.keys() - left if len(receivers[task]) < 1 + in_flight[task]
    )
    back_again = [task for task in due if book.deliveries_by_task[task][-1].came_back]
    missing = back_again if book.drained_whole else []
    findings = []
    never = [task for task in more if not in_flight[task]]
    too_often = [task for task in more if in_flight[task]]
    if never:
        findings.append(say("received twice without having been in flight: {}", named(never)))
    if too_often:
        findings.append(say("received more often than it came back: {}", named(too_often)))
    if missing:
        findings.append(say("in flight, but not received again: {}", named(missing)))
    doubts = doubts_about(book)
    left_in_order = handed_back(history, book)
    spared = sorted(in_flight.keys() & left - set(twice))
    awaited = [task for task in due if task not in missing]
    if not doubts and not findings and awaited:
        doubts = [say("in flight, but not received again so far: {}", named(awaited))]
    if not doubts and not findings and not in_flight and left_in_order:
        return does_not_apply(
            in_order_text(left_in_order),
            figures={
                "in_flight": 0,
                "received_twice": len(twice),
                "received_twice_tasks": list(twice),
                "returned": len({delivery.task for delivery in returned}),
            },
        )
    if not doubts and not findings and not in_flight:
        doubts = ["nothing was in flight when a worker went away: the fault had no effect"]
    if not doubts and not findings and spared:
        doubts = [say("in flight, but nobody was there to receive it again: {}", named(spared))]
    if not doubts and not findings and forgotten:
        doubts = [
            say("the broker went down and need not have kept what settled {}", named(forgotten))
        ]
    return decide(
        summary=say(
            "{} received twice: exactly what was in the hands of the workers that went away",
            plural(len(twice), "task"),
        ),
        figures={
            "in_flight": len(in_flight),
            "received_twice": len(twice),
            "received_twice_tasks": list(twice),
            "returned": len({delivery.task for delivery in returned}),
        },
        findings=findings,
        blind=doubts,
        expected=say("received twice = in flight = {}", len(in_flight)),
        seen=say("{} received twice: {}", plural(len(twice), "task"), named(twice)),
        evidence=life_of(book, more or due or twice),
        # What never came again may have gone to somebody who is not on our record.
        blame=_to_blame(book, more, begun),
        hint="does somebody else consume from this queue?" if missing and not more else "",
    )


def _also_elsewhere(history: History, book: Ledger) -> list[Delivered]:
    """Return deliveries of this queue's tasks from a queue that its like consume from as well.

    They work for the same program, so that each task is done by several of them.
    """
    programs = {event.client: event.program for event in history.of(ProgramStarted)}
    here = {programs.get(delivery.client) for delivery in book.worked} - {None}
    routed = arrived(history)
    shared = {e.task for e in book.published if routed.get(id(e), set()) - {book.queue}}
    return [
        event
        for event in history.of(Delivered)
        if event.queue != book.queue
        and event.task in shared
        and event.dead_lettered_from is None
        and not event.redelivered
        and programs.get(event.client) in here
    ]


def _put_back(book: Ledger, tasks: Sequence[str]) -> bool:
    """Tell whether a worker put one of these tasks back itself, without being told to end."""
    put_back = {d.task for d in book.deliveries if d.fate == "requeued"}
    return not put_back.isdisjoint(tasks)


def _silent_about(book: Ledger, finished_by: FinishedBy) -> list[str]:
    """Return why nobody can tell whether a task that was sent twice was also finished twice."""
    for deliveries in book.deliveries_by_task.values():
        sent = [d for d in deliveries if d.client != DRAIN]
        for delivery in sent if len(sent) > 1 else ():
            account = book.accounts[delivery.client]
            tells = account.tells_all if finished_by == "done" else account.tells_receipts
            if not tells:
                why = as_phrase(account.why_silent)
                return [say("{} was sent twice, and {}", repr(delivery.task), why)]
    return []


def _only_said(book: Ledger, task: str) -> bool:
    """Tell whether a task was only printed twice: its worker slept no oftener than it was sent."""
    clients = {event.client for event in book.done if event.task == task}
    if len(clients) > 1:
        return False
    accounts = [book.accounts[client] for client in clients if client in book.accounts]
    sent = [d for d in book.deliveries_by_task.get(task, ()) if d.client in clients]
    return len(sent) == 1 and any(
        account.works_by_dots and len(account.works) <= len(account.sent) for account in accounts
    )


def _lives(book: Ledger, task: str) -> list[list[Delivery]]:
    """Return the deliveries of a task, life by life.

    A life ends with the delivery after which the broker need not, or must not, send it again: it
    goes on when somebody has gone away with the task, or the broker with what had settled it.
    """
    lives: list[list[Delivery]] = []
    before: Delivery | None = None
    for delivery in book.deliveries_by_task.get(task, ()):
        if before is not None and (
            before.fate == "returned" or before.unheard or forgotten_between(book, before, delivery)
        ):
            lives[-1].append(delivery)
        else:
            lives.append([delivery])
        before = delivery
    return lives


def _in_one_life(book: Ledger, task: str, clients: Sequence[str]) -> bool:
    """Tell whether these clients, each as often as named, were sent the task in one life of it."""
    named_counts = Counter(clients)
    return len(clients) < 2 or any(
        named_counts <= Counter(delivery.client for delivery in life) for life in _lives(book, task)
    )


def _to_blame(
    book: Ledger, tasks: Sequence[str], printed: Counter[tuple[str, str]]
) -> Blame | None:
    """Return who is to blame that tasks were repeated beyond one life of theirs.

    It is the broker where it sent again what was settled or still held. A worker that put a task
    back wanted it again. What was rejected for good may come again by way of a dead letter queue.
    """
    if _more_often_than_sent(book, printed) & set(tasks):
        return "worker"
    ends = {life[-1].fate for task in tasks for life in _lives(book, task)[:-1]}
    if ends & {"acked", "automatic", "held"}:
        return "broker"
    return "worker" if "requeued" in ends else None


def _by_client(finishers: Mapping[str, Sequence[str]]) -> Counter[tuple[str, str]]:
    """Return how often each client finished each task."""
    return Counter((client, task) for task, clients in finishers.items() for client in clients)


def _more_often_than_sent(book: Ledger, printed: Counter[tuple[str, str]]) -> set[str]:
    """Return the tasks that a client printed more often than they were sent to it."""
    return {task for _, task in printed - Counter((d.client, d.task) for d in book.worked)}
