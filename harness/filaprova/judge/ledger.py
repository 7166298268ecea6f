"""Ledger: what became of every task of one queue, for all checkers; ``replay`` makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from filaprova.judge.completion import Account
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Drained,
    QueueCounted,
)
from filaprova.record.event import DRAIN
from filaprova.record.program import TaskDone, TaskReceived
from filaprova.record.wire import (
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    Published,
    QueueDeleted,
    Settled,
)

Fate: TypeAlias = Literal["held", "automatic", "acked", "discarded", "requeued", "returned"]
"""What became of a delivery: still held by its consumer; needed no acknowledgement; acknowledged;
nacked or rejected for good; nacked or rejected back into the queue; given back because its channel
or connection ended, by the broker, or by a worker that was told to end."""

FinishedBy: TypeAlias = Literal["done", "received"]
"""What a worker prints when a task counts as finished: lazy ones print only what they receive."""


@dataclass(slots=True)
class Delivery:
    """One delivery of one task, with what became of it and when."""

    event: Delivered
    sent_at_ns: int
    """When the broker had sent it at the latest: what is seen only after its channel or connection
    has ended was on its way before the broker heard of the end."""
    fate: Fate = "held"
    ended_at_ns: int | None = None
    unheard: bool = False
    """It was acknowledged, but its channel or connection had ended before the broker had read that,
    and so the task came back."""

    @property
    def came_back(self) -> bool:
        """Tell whether the broker has to send the task again."""
        return self.fate in ("returned", "requeued") or self.unheard

    def ended_before(self, at_ns: float) -> bool:
        """Tell whether it was settled, or came back, before this moment."""
        return self.ended_at_ns is not None and self.ended_at_ns < at_ns

    @property
    def task(self) -> str:
        """Return the identity of the task."""
        return self.event.task

    @property
    def client(self) -> str:
        """Return whom it was delivered to."""
        return self.event.client


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A count of the broker's beside what the wire predicts for the same moment."""

    counted: QueueCounted
    ready_count: int
    unacked_count: int
    unheard_count: int
    """So many more may be ready: they were acknowledged, but their channel or connection ended
    before anything showed that the broker had read it, and nobody has been sent them since."""
    indefinite_count: int
    """So many fewer may be ready: nobody knows whether they arrived."""
    frozen: frozenset[str]
    """Programs that stood still then."""

    @property
    def agrees(self) -> bool:
        """Tell whether the broker had done by then all that was written to it."""
        told = self.counted
        return (told.exists, told.ready_count, told.unacked_count) == (
            True,
            self.ready_count,
            self.unacked_count,
        )


@dataclass(kw_only=True)
class Ledger:
    """All that a history says about one queue, in the order in which it was recorded.

    What it derives from that is made once; nobody may change what he gets.
    """

    queue: str
    published: list[Published] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    turned_away: set[int] = field(default_factory=set)
    """Publishes, by their index, that the broker nacked or returned: it never took them."""
    refused: set[str] = field(default_factory=set)
    """Tasks of which every publish was turned away."""
    indefinite: set[str] = field(default_factory=set)
    """Tasks published without confirm on a connection that broke and never delivered: nobody knows
    whether they arrived."""
    deliveries: list[Delivery] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    """Settlements of this queue's deliveries."""
    consumers: list[ConsumerStarted] = field(default_factory=list)
    """Subscriptions of the programs under examination, in order."""
    cancelled: list[ConsumerCancelled] = field(default_factory=list)
    unrouted: list[Published] = field(default_factory=list)
    """Publishes of which the record cannot tell whether they were routed to this queue."""
    undone: list[Published | Settled] = field(default_factory=list)
    """What was done in transactions that were never committed."""
    received: list[TaskReceived] = field(default_factory=list)
    done: list[TaskDone] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    """What is known of the work of each program that was sent something of this queue."""
    counts: list[Comparison] = field(default_factory=list)
    drained: list[Drained] = field(default_factory=list)
    stops: list[BrokerStopping] = field(default_factory=list)
    starts: list[BrokerStarted] = field(default_factory=list)
    perhaps_unheard: set[str] = field(default_factory=set)
    """Tasks acknowledged on a connection that broke before the broker last went down, without
    anything to show that the broker had read it."""
    unclean: list[BrokerStopped] = field(default_factory=list)
    """Ends of the broker that were not graceful, whatever had been asked for."""
    undrained_count: int = 0
    """What the broker said last to our own consumer about how many tasks are ready."""
    deleted: list[QueueDeleted] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    """Connections whose socket has closed."""
    dismissed: dict[str, str] = field(default_factory=dict)
    """Programs that the broker closed a channel or connection on while they held something of the
    queue, and why: it does not wait for them to read that before it sends that to others."""
    blocked: dict[str, str] = field(default_factory=dict)
    """Publishers whose connection the broker had blocked at the end, and why: it reads nothing more
    there (RabbitMQ documentation, "Blocked Connection Notifications")."""

    @cached_property
    def tasks(self) -> list[str]:
        """Return the tasks that the broker was given, in the order of publishing."""
        return [
            event.task
            for index, event in enumerate(self.published)
            if index not in self.turned_away
        ]

    @cached_property
    def repeated(self) -> list[str]:
        """Return the identities that more than one publish has."""
        return [task for task, count in Counter(self.tasks).items() if count > 1]

    @cached_property
    def unexpected(self) -> list[str]:
        """Return the tasks that were delivered, but never seen published.

        What a dead letter exchange brought here was published to another queue.
        """
        known = {event.task for event in self.published}
        return list(
            dict.fromkeys(
                d.task
                for d in self.deliveries
                if d.task not in known and d.event.dead_lettered_from is None
            )
        )

    @cached_property
    def deliveries_by_task(self) -> dict[str, list[Delivery]]:
        """Return the deliveries of each task, in the order in which the broker sent them."""
        by_task: dict[str, list[Delivery]] = {}
        for delivery in sorted(self.deliveries, key=lambda delivery: delivery.sent_at_ns):
            by_task.setdefault(delivery.task, []).append(delivery)
        return by_task

    @cached_property
    def left(self) -> list[Delivery]:
        """Return what was taken out of the queue at the end."""
        return [delivery for delivery in self.deliveries if delivery.client == DRAIN]

    @property
    def drained_whole(self) -> bool:
        """Tell whether the queue was emptied at the end, so that what is missing is gone.

        The broker must not have said last that something is still there.
        """
        return bool(self.drained) and self.drained[-1].complete and not self.undrained_count

    @cached_property
    def worked(self) -> list[Delivery]:
        """Return the deliveries to the programs under examination."""
        return [delivery for delivery in self.deliveries if delivery.client != DRAIN]

    def delivered_to(self, clients: Iterable[str]) -> list[Delivery]:
        """Return the deliveries to these clients."""
        wanted = set(clients)
        return [delivery for delivery in self.deliveries if delivery.client in wanted]

    def finishers(self, finished_by: FinishedBy = "done") -> dict[str, list[str]]:
        """Return who finished each task, once for each time."""
        events: dict[FinishedBy, list[TaskDone] | list[TaskReceived]]
        events = {"done": self.done, "received": self.received}
        finishers: dict[str, list[str]] = {}
        for event in events[finished_by]:
            if event.task is not None:
                finishers.setdefault(event.task, []).append(event.client)
        return finishers

    def done_by(self, clients: Iterable[str]) -> list[str]:
        """Return the tasks that these clients printed as done, once for each time."""
        wanted = set(clients)
        return [e.task for e in self.done if e.client in wanted and e.task is not None]

    def done_twice(self, finished_by: FinishedBy = "done") -> list[str]:
        """Return the tasks that were finished more than once."""
        return [task for task, who in self.finishers(finished_by).items() if len(who) > 1]

    def last_deliveries(self) -> dict[str, Delivery]:
        """Return the last delivery of each task to a program under examination."""
        return {delivery.task: delivery for delivery in self.worked}

    def last_fates(self) -> dict[str, Fate]:
        """Return what became of the last delivery of each task to a program under examination."""
        return {task: delivery.fate for task, delivery in self.last_deliveries().items()}

    @cached_property
    def went_round(self) -> bool:
        """Tell whether a worker put a task back again and again."""
        back = Counter(d.task for d in self.worked if d.fate == "requeued")
        return any(count > 1 for count in back.values())

    def returned(self) -> list[Delivery]:
        """Return the deliveries that came back because whoever had them went away."""
        return [d for d in self.worked if d.fate == "returned" or d.unheard]

    def taken_from_holders(self) -> list[Delivery]:
        """Return the deliveries of tasks that somebody else still held: the broker must not."""
        taken: list[Delivery] = []
        before: dict[str, Delivery] = {}
        for delivery in self.deliveries:
            holder = before.get(delivery.task)
            if (
                holder is not None
                and holder.client not in self.dismissed
                and (holder.ended_at_ns is None or holder.ended_at_ns > delivery.event.at_ns)
            ):
                taken.append(delivery)
            before[delivery.task] = delivery
        return taken

    def shares(self) -> dict[str, int]:
        """Return how many deliveries each consumer was sent, also those that were sent none."""
        shares = {consumer.client: 0 for consumer in self.consumers}
        for delivery in self.worked:
            shares[delivery.client] = shares.get(delivery.client, 0) + 1
        return shares

    def output(self) -> list[TaskReceived | TaskDone]:
        """Return what the programs printed about tasks, in order of time."""
        events: list[TaskReceived | TaskDone] = [*self.received, *self.done]
        return sorted(events, key=lambda event: event.at_ns)
