"""Story: what became of the tasks of one queue, and where each of them stayed when.

It joins the ledger (the wire) with what the programs printed, and adds what was done to them:
strikes, standstills, stops of the server. Where a task got to is what the checkers go by, too, so
that no picture says otherwise than a verdict. Nothing here knows pixels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, TypeAlias

from filaprova.judge.balance import balance
from filaprova.judge.ledger import Delivery, FinishedBy, Ledger
from filaprova.judge.replay import ledger
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopping,
    Continued,
    Frozen,
    Signalled,
    Struck,
)
from filaprova.record.event import DRAIN
from filaprova.record.history import History
from filaprova.record.program import ProgramExited
from filaprova.record.wire import Published, SocketClosed

State: TypeAlias = Literal[
    "finished", "lost", "left", "held", "ready", "moved", "unknown", "refused"
]
"""What became of a task by the end of the story: finished by a worker; let go by all although
nobody finished it; found in the queue at the end; still with its consumer; still in the queue;
dead-lettered; nobody knows; never taken by the broker."""

End: TypeAlias = Literal["done", "acked", "held", "returned", "lost", "taken"]
"""How a stay ended: done without need of an acknowledgement; acknowledged; not at all; given back
to the queue; gone with the worker; taken out by the harness at the end."""


@dataclass(slots=True, kw_only=True)
class Stay:
    """One delivery: how long one client had one task."""

    task: int
    client: str
    from_ns: int
    until_ns: int
    end: End
    again: bool
    """The task had been delivered before."""
    begun_ns: int | None = None
    done_ns: int | None = None
    repeat: int = 0
    """How often the task had been finished before it was finished here."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """One program that consumes, from its subscription to its end."""

    client: str
    from_ns: int
    until_ns: int | None = None
    """None: it outlived the story."""
    prefetch: int = 0
    """How many unacknowledged tasks it may hold; 0: any number."""
    stills: list[tuple[int, int]] = field(default_factory=list)
    """When the harness held it still (SIGSTOP)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A signal that a worker was struck with."""

    client: str
    at_ns: int
    signal_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stop of the server, until it answers again (None: not within the story)."""

    from_ns: int
    until_ns: int | None
    how: Literal["stop", "kill"]


@dataclass(slots=True, kw_only=True)
class Task:
    """One task by its number in the order of publishing."""

    number: int
    id: str
    published_ns: int
    state: State = "ready"
    stays: list[Stay] = field(default_factory=list)
    done_count: int = 0
    lost_in_queue_ns: int | None = None
    """When it was lost, if that happened in the queue and not with a worker."""

    @property
    def notable(self) -> bool:
        """Tell whether something happened to it that must not be overlooked."""
        return self.state in ("lost", "unknown", "refused") or self.done_count > 1

    @property
    def redelivered(self) -> bool:
        """Tell whether a worker got it after somebody else."""
        return any(stay.again and stay.client != DRAIN for stay in self.stays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the broker itself counted at one moment."""

    at_ns: int
    ready: int
    unacked: int | None


@dataclass(slots=True, kw_only=True)
class Story:
    """Everything that the pictures of one queue show."""

    queue: str
    from_ns: int
    until_ns: int
    producers: list[str]
    workers: list[Worker]
    tasks: list[Task]
    strikes: list[Strike]
    outages: list[Outage]
    deleted_ns: list[int]
    counts: list[Count]
    depth: list[tuple[int, int, int]]
    """When, tasks ready, tasks unacknowledged: each change, from the wire."""
    finished_by: FinishedBy

    @property
    def stays(self) -> list[Stay]:
        """Return every stay, in order of tasks."""
        return [stay for task in self.tasks for stay in task.stays]

    def of_state(self, state: State) -> list[Task]:
        """Return the tasks that ended in this state."""
        return [task for task in self.tasks if task.state == state]

    @property
    def done_twice(self) -> list[Task]:
        """Return the tasks that were finished more than once."""
        return [task for task in self.tasks if task.done_count > 1]


def queues_of(history: History) -> list[str]:
    """Return the queues that tasks were published to, the busiest first."""
    counts = Counter(event.routing_key for event in history.of(Published) if not event.exchange)
    return [queue for queue, _ in counts.most_common()]


def tell(history: History, queue: str, *, from_ns: int = 0) -> Story:
    """Return the story of a queue; nothing that ended before ``from_ns`` will be drawn."""
    book = ledger(history, queue)
    until_ns = max((event.at_ns for event in history), default=0)
    finished_by: FinishedBy = "done" if book.done else "received"
    ends = _ends(history)
    workers = _workers(history, book, ends)
    tasks = _tasks(history, book, finished_by, ends, until_ns)
    begun_ns = min((event.at_ns for event in (*book.published, *book.consumers)), default=0)
    outages = _outages(history, begun_ns)
    _place_losses(tasks, outages, [event.at_ns for event in book.deleted])
    return Story(
        queue=queue,
        from_ns=from_ns,
        until_ns=until_ns,
        producers=list(dict.fromkeys(event.client for event in book.published)),
        workers=workers,
        tasks=tasks,
        strikes=_strikes(history, {worker.client for worker in workers}),
        outages=outages,
        deleted_ns=[event.at_ns for event in book.deleted],
        counts=[
            Count(
                at_ns=item.counted.at_ns,
                ready=item.counted.ready_count,
                unacked=item.counted.unacked_count,
            )
            for item in book.counts
        ],
        depth=_depth(book, outages),
        finished_by=finished_by,
    )


def _ends(history: History) -> dict[str, int]:
    """Return when each client was gone, by its socket or its process, whichever came first."""
    ends: dict[str, int] = {}
    gone: list[SocketClosed | ProgramExited] = [
        *history.of(SocketClosed),
        *history.of(ProgramExited),
    ]
    for event in gone:
        ends[event.client] = min(event.at_ns, ends.get(event.client, event.at_ns))
    return ends


def _workers(history: History, book: Ledger, ends: dict[str, int]) -> list[Worker]:
    workers: dict[str, Worker] = {}
    for consumer in book.consumers:
        client = consumer.client
        if client not in workers:
            until_ns = ends.get(client)
            workers[client] = Worker(
                client=client,
                from_ns=consumer.at_ns,
                until_ns=until_ns,
                prefetch=consumer.prefetch_count,
            )
    since: dict[str, int] = {}
    for event in history:
        if isinstance(event, Frozen):
            since.setdefault(event.client, event.at_ns)
        elif isinstance(event, Continued | Struck | ProgramExited) and event.client in since:
            still = (since.pop(event.client), event.at_ns)
            if event.client in workers:
                workers[event.client].stills.append(still)
    return list(workers.values())


def _tasks(
    history: History, book: Ledger, finished_by: FinishedBy, ends: dict[str, int], until_ns: int
) -> list[Task]:
    tasks: dict[str, Task] = {}
    for event in book.published:
        if event.task not in tasks:
            number = len(tasks) + 1
            tasks[event.task] = Task(number=number, id=event.task, published_ns=event.at_ns)
    last: dict[str, Delivery] = {}
    by_client: dict[tuple[str, str], list[tuple[Delivery, Stay]]] = {}
    for delivery in book.deliveries:
        task = tasks.get(delivery.task)
        if task is None:
            continue
        stay = _stay(delivery, task, ends.get(delivery.client), until_ns)
        task.stays.append(stay)
        last[delivery.task] = delivery
        by_client.setdefault((delivery.client, delivery.task), []).append((delivery, stay))
    _read_output(book, finished_by, by_client)
    finishers = book.finishers(finished_by)
    places = _places(history, book, finished_by)
    for task in tasks.values():
        task.done_count = len(finishers.get(task.id, []))
        _number_repeats(task)
        task.state = places.get(task.id, "unknown")
        if task.state == "ready":
            task.state = _state_on_its_way(book, last.get(task.id))
    return list(tasks.values())


def _stay(delivery: Delivery, task: Task, gone_ns: int | None, until_ns: int) -> Stay:
    ends: dict[str, End] = {
        "held": "held",
        "automatic": "held",
        "acked": "acked",
        "discarded": "lost",
        "requeued": "returned",
        "returned": "returned",
    }
    end = ends[delivery.fate]
    if delivery.client == DRAIN:
        end = "taken"
    ended_ns = delivery.ended_at_ns if delivery.fate != "automatic" else gone_ns
    from_ns = delivery.event.at_ns
    return Stay(
        task=task.number,
        client=delivery.client,
        from_ns=from_ns,
        until_ns=max(from_ns, until_ns if ended_ns is None else ended_ns),
        end=end,
        again=delivery.event.redelivered or bool(task.stays),
    )


def _read_output(
    book: Ledger,
    finished_by: FinishedBy,
    by_client: dict[tuple[str, str], list[tuple[Delivery, Stay]]],
) -> None:
    """Give each stay the moments at which its worker said that it began and was done."""
    seen: Counter[tuple[str, str]] = Counter()
    """How many stays of a task with a client are behind us: what comes later is not about them."""
    for event in book.received:
        key = event.client, event.task or ""
        stays = by_client.get(key, [])
        while seen[key] < len(stays):
            delivery, stay = stays[seen[key]]
            seen[key] += 1
            if delivery.fate not in ("returned", "requeued") or stay.until_ns >= event.at_ns:
                stay.begun_ns = max(event.at_ns, stay.from_ns)
                break
    if finished_by == "received":
        for _, stay in chain.from_iterable(by_client.values()):
            stay.done_ns = stay.begun_ns
        return
    seen.clear()
    for done in book.done:
        key = done.client, done.task or ""
        stays = by_client.get(key, [])
        while seen[key] < len(stays):
            _, stay = stays[seen[key]]
            seen[key] += 1
            if stay.begun_ns is not None:
                stay.done_ns = max(done.at_ns, stay.begun_ns)
                break


def _number_repeats(task: Task) -> None:
    """Number, in order of time, how often a task had been done before it was done again."""
    done_before = 0
    for stay in sorted(task.stays, key=lambda item: item.done_ns or item.until_ns):
        if stay.done_ns is not None:
            stay.repeat = done_before
            done_before += 1


def _places(history: History, book: Ledger, finished_by: FinishedBy) -> dict[str, State]:
    """Return where each task got to, the worst place of its copies; ready: still on its way."""
    places = balance(history, book, finished_by)
    in_order: list[tuple[State, Iterable[str]]] = [
        ("finished", places.completed),
        ("moved", places.dead_lettered),
        ("left", places.left),
        ("ready", places.unclear),
        ("held", places.held),
        ("unknown", [*places.unseen, *places.indefinite]),
        ("lost", places.lost),
        ("refused", book.refused),
    ]
    return {task: state for state, tasks in in_order for task in tasks}


def _state_on_its_way(book: Ledger, last: Delivery | None) -> State:
    """Return where a task is that nobody has finished, and that was not seen to be left."""
    if book.deleted or (book.counts and not book.counts[-1].counted.exists):
        return "lost"  # with its queue
    return "held" if last is not None and last.fate in ("held", "automatic") else "ready"


def _place_losses(tasks: Sequence[Task], outages: Sequence[Outage], deleted: list[int]) -> None:
    """Say of each lost task whether it was lost with a worker or in the queue, and when."""
    accidents = sorted([*(outage.from_ns for outage in outages), *deleted])
    for task in tasks:
        for stay in task.stays:
            if stay.end == "held" and stay.done_ns is not None:
                stay.end = "done"
        if task.state != "lost":
            continue
        last = task.stays[-1] if task.stays else None
        if last is not None and last.end in ("held", "acked", "lost"):
            last.end = "lost"
            continue
        since = last.until_ns if last is not None else task.published_ns
        after = [at_ns for at_ns in accidents if at_ns >= task.published_ns]
        task.lost_in_queue_ns = after[0] if after else since


def _strikes(history: History, workers: set[str]) -> list[Strike]:
    events: list[Struck | Signalled] = [*history.of(Struck), *history.of(Signalled)]
    strikes = [
        Strike(client=event.client, at_ns=event.at_ns, signal_name=event.signal_name)
        for event in events
        if event.client in workers
    ]
    return sorted(strikes, key=lambda strike: strike.at_ns)


def _outages(history: History, since_ns: int) -> list[Outage]:
    """Return the stops of the server that were not over before anybody used the queue."""
    starts = [event.at_ns for event in history.of(BrokerStarted)]
    outages = [
        Outage(
            from_ns=event.at_ns,
            until_ns=next((at_ns for at_ns in starts if at_ns > event.at_ns), None),
            how=event.how,
        )
        for event in history.of(BrokerStopping)
    ]
    return [item for item in outages if item.until_ns is None or item.until_ns >= since_ns]


def _depth(book: Ledger, outages: Sequence[Outage]) -> list[tuple[int, int, int]]:
    """Return ready and unacknowledged at each change; after an outage the broker's own count."""
    changes: list[tuple[int, int, int]] = []
    for event in book.published:
        if event.task not in book.refused:
            changes.append((event.at_ns, 1, 0))
    for delivery in book.deliveries:
        manual = delivery.fate != "automatic"
        changes.append((delivery.event.at_ns, -1, int(manual)))
        if manual and delivery.ended_at_ns is not None:
            back = delivery.fate in ("returned", "requeued")
            changes.append((delivery.ended_at_ns, int(back), -1))
    resets: list[tuple[int, int]] = [(event.at_ns, 0) for event in book.deleted]
    for outage in outages:
        if outage.until_ns is not None:
            seen = [item for item in book.counts if item.counted.at_ns > outage.until_ns]
            if seen:
                resets.append((outage.until_ns, seen[0].counted.ready_count))
    series: list[tuple[int, int, int]] = []
    ready = unacked = 0
    pending = sorted(resets)
    for at_ns, more_ready, more_unacked in sorted(changes, key=lambda change: change[0]):
        while pending and pending[0][0] <= at_ns:
            reset_ns, ready = pending.pop(0)
            series.append((reset_ns, ready, unacked))
        ready, unacked = max(0, ready + more_ready), max(0, unacked + more_unacked)
        if series and series[-1][0] == at_ns:
            series[-1] = (at_ns, ready, unacked)
        else:
            series.append((at_ns, ready, unacked))
    for reset_ns, ready in pending:
        series.append((reset_ns, ready, unacked))
    return series
