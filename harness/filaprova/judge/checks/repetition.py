"""Repetition: what was received or done more than once, and was that permitted?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from filaprova.judge.decision import (
    agree,
    decide,
    doubts_about,
    doubts_about_output,
    forgettable,
    forgotten_between,
    life_of,
    named,
    plural,
)
from filaprova.judge.ledger import Delivery, FinishedBy, Ledger
from filaprova.judge.registry import checker
from filaprova.judge.replay import ledger
from filaprova.judge.verdict import Blame, Verdict
from filaprova.record.history import History


@checker
def none_done_twice(history: History, *, queue: str, finished_by: FinishedBy = "done") -> Verdict:
    """No task was finished more than once."""
    book = ledger(history, queue)
    finishers = book.finishers(finished_by)
    twice = book.done_twice(finished_by)
    invented = set(twice) & _more_often_than_sent(book, _by_client(finishers))
    doubts = doubts_about(book) or doubts_about_output(history, book)
    if not doubts and not finishers:
        doubts = ["no worker has finished anything, so there is nothing to judge"]
    return decide(
        summary=f"{plural(len(finishers), 'task')} finished, each of them once",
        figures={"finished": len(finishers), "done_twice": len(twice)},
        faults=[f"{plural(len(twice), 'task')} finished more than once: {named(twice)}"]
        if twice and not doubts
        else [],
        doubts=doubts,
        expected="each task is finished once",
        seen=f"{plural(len(twice), 'task')} finished more than once",
        evidence=life_of(book, twice),
        blame="worker" if invented else None,
        hint="a worker does twice what it is sent twice: see who went away without acknowledging"
        if twice
        else "",
    )


@checker
def done_twice_exactly_done_by(history: History, *, queue: str, killed: list[str]) -> Verdict:
    """Done twice is exactly what the killed had done, since nobody acknowledged anything."""
    book = ledger(history, queue)
    by_killed = set(book.done_by(killed)) & set(book.tasks)
    twice = book.done_twice()
    missing = sorted(by_killed - set(twice))
    more = [task for task in twice if task not in by_killed]
    faults = []
    if missing:
        faults.append(f"done by the killed, but not again by another: {named(missing)}")
    if more:
        faults.append(f"done twice without the killed having done it: {named(more)}")
    doubts = doubts_about(book) or doubts_about_output(history, book)
    if not doubts and not by_killed and not more:
        doubts = [f"{' and '.join(killed)} had done nothing: the fault came too early"]
    return decide(
        summary=f"{' and '.join(killed)} had done {plural(len(by_killed), 'task')}; "
        f"exactly {agree(len(by_killed), 'this was', 'these were')} done twice",
        figures={
            "done_by_killed": len(by_killed),
            "done_twice": len(twice),
            "done_twice_tasks": list(twice),
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected=f"done twice = done by the killed = {len(by_killed)}",
        seen=f"{plural(len(twice), 'task')} done twice",
        evidence=life_of(book, missing or more or twice),
    )


@checker
def done_twice_within_in_flight(history: History, *, queue: str) -> Verdict:
    """Done twice is at most what was in flight when a worker or the broker went away.

    In flight are deliveries that came back unacknowledged; and, where the broker went down, those
    whose acknowledgement it may not have read or kept: written in the last instant before a stop,
    or at any time before a kill.
    """
    book = ledger(history, queue)
    in_flight = {delivery.task for delivery in book.returned()}
    acked_last = {
        delivery.task for stop in book.stops for delivery in forgettable(book, stop, book.worked)
    }
    finishers = book.finishers()
    twice = book.done_twice()
    unexplained = [task for task in twice if not _in_one_life(book, task, finishers[task])]
    doubts = doubts_about(book) or doubts_about_output(history, book)
    if not doubts and not in_flight and not acked_last and not unexplained:
        doubts = ["nothing was in flight when something went away: the fault did not bite"]
    may_return = f"{plural(len(in_flight), 'task')} in flight" + (
        f" and {len(acked_last - in_flight)} whose acknowledgement may not have been kept"
        if acked_last - in_flight
        else ""
    )
    return decide(
        summary=f"of {may_return} {len(twice)} {agree(len(twice), 'was', 'were')} done twice, "
        "and no other",
        figures={
            "in_flight": len(in_flight),
            "done_twice": len(twice),
            "done_twice_tasks": list(twice),
            "acked_last": len(acked_last - in_flight),
        },
        faults=[f"done twice without having been in flight: {named(unexplained)}"]
        if unexplained and not doubts
        else [],
        doubts=doubts,
        expected=f"done twice are at most {may_return}",
        seen=f"{plural(len(twice), 'task')} done twice: {named(twice)}",
        evidence=life_of(book, unexplained or twice),
        blame=_to_blame(book, unexplained, _by_client(finishers)),
    )


@checker
def received_twice_exactly_in_flight(history: History, *, queue: str) -> Verdict:
    """Received twice is exactly what a worker had begun and not acknowledged when it went away.

    One that went down with several workers in turn is received once more for each of them. What
    came back because the broker went down and may not have kept what settled it is a doubt.
    """
    book = ledger(history, queue)
    receivers = book.finishers("received")
    begun = _by_client(receivers)
    returned = book.returned()
    in_flight: Counter[str] = Counter()
    for (_, task), count in (Counter((d.client, d.task) for d in returned) & begun).items():
        in_flight[task] += count
    twice = book.done_twice("received")
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
    faults = []
    never = [task for task in more if not in_flight[task]]
    too_often = [task for task in more if in_flight[task]]
    if never:
        faults.append(f"received twice without having been in flight: {named(never)}")
    if too_often:
        faults.append(f"received more often than it came back: {named(too_often)}")
    if missing:
        faults.append(f"in flight, but not received again: {named(missing)}")
    doubts = doubts_about(book) or doubts_about_output(history, book)
    spared = sorted(in_flight.keys() & left - set(twice))
    awaited = [task for task in due if task not in missing]
    if not doubts and not faults and awaited:
        doubts = [f"in flight, but not received again so far: {named(awaited)}"]
    if not doubts and not faults and not in_flight:
        doubts = ["nothing was in flight when a worker went away: the fault did not bite"]
    if not doubts and not faults and spared:
        doubts = [f"in flight, but nobody was there to receive it again: {named(spared)}"]
    if not doubts and not faults and forgotten:
        doubts = [f"the broker went down and need not have kept what settled {named(forgotten)}"]
    return decide(
        summary=f"{plural(len(twice), 'task')} received twice: exactly what was in the hands of "
        "the workers that went away",
        figures={
            "in_flight": len(in_flight),
            "received_twice": len(twice),
            "received_twice_tasks": list(twice),
            "returned": len({delivery.task for delivery in returned}),
        },
        faults=[] if doubts else faults,
        doubts=doubts,
        expected=f"received twice = in flight = {len(in_flight)}",
        seen=f"{plural(len(twice), 'task')} received twice: {named(twice)}",
        evidence=life_of(book, more or due or twice),
        # What never came again may have gone to somebody who is not on our record.
        blame=_to_blame(book, more, begun),
        hint="does somebody else consume from this queue?" if missing and not more else "",
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
