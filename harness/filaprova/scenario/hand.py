"""Hand: what one worker has in hand, by the wire, by its launcher and by what it prints.

The wire comes first: a task that was not delivered to a worker is in nobody's hand, whatever it
prints. What is printed and what the launcher tells add what the wire cannot show: whether it is in
the middle of its work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from filaprova.record.event import Event
from filaprova.record.program import (
    ProgramExited,
    TaskDone,
    TaskReceived,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.recorder import Recorder
from filaprova.record.wire import (
    ChannelClosed,
    ConnectionClosed,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PollEmpty,
    Settled,
    SocketClosed,
    SocketOpened,
)


@dataclass(slots=True)
class Hand:
    """One worker, as far as its record goes."""

    client: str
    delivered_count: int = 0
    settled_count: int = 0
    """Without what it put back into the queue."""
    received_count: int = 0
    """How often it printed that it received a task that had been delivered to it."""
    done_count: int = 0
    works_begun: int = 0
    """Sleeps since something was delivered to it; without those of threads that slept before that
    already, when it had subscribed: these do not sleep because they work."""
    works_ended: int = 0
    automatic: bool = False
    """Whether something was delivered to it that needs no acknowledgement."""
    manual: bool = False
    """Whether something was delivered to it that does."""
    polls: bool = False
    """Whether it asks for tasks with basic.get."""
    printed: str = ""
    """The task that it printed last as received, and not as done; as printed; "": none."""
    exited: ProgramExited | None = None
    consumers: dict[tuple[int, int, str], ConsumerStarted] = field(default_factory=dict)
    """Its subscriptions that are in force, the oldest first."""
    sockets: set[int] = field(default_factory=set)
    losses: list[Event] = field(default_factory=list)
    """What ended subscriptions, channels and connections of its."""
    _sleeping: dict[str, int] = field(default_factory=dict)
    """How many works each thread is in."""
    _idlers: set[str] = field(default_factory=set)
    _outstanding: dict[tuple[int, int, int], str] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    """Tasks delivered to it, by the text that it prints of them."""

    @property
    def unsettled(self) -> list[str]:
        """Return the tasks that it has to acknowledge and has not, the oldest first."""
        return list(self._outstanding.values())

    @property
    def is_working(self) -> bool:
        """Tell whether its launcher shows it in the middle of its work."""
        return self.works_begun > self.works_ended

    @property
    def in_hand(self) -> str | None:
        """Return the task that it works at: as it printed, else the oldest that it holds.

        None: there is no such task, or nobody knows which.
        """
        return self.shown or next(iter(self.unsettled), None)

    @property
    def shown(self) -> str | None:
        """Return the task that it printed as received and not as done, if it was delivered.

        It may have settled it already. Who never says "done" is through with a task once that is
        settled, or its work has ended.
        """
        if self.printed not in self._names:
            return None
        over = self.works_begun > 0 or self._names[self.printed] in self._settled
        if over and not self.done_count and not self.is_working:
            return None
        return self.printed

    @property
    def is_mid_task(self) -> bool:
        """Tell whether it is in the middle of a task.

        One that tells of its works, or whose output is understood, is not as long as these show it
        between two tasks, though it may hold what it has not begun.
        """
        if self.is_working and not self.polls:  # who polls sleeps when there is nothing as well
            return True
        understood = self.works_begun > 0 or self.received_count > 0
        if self.polls and self.is_working:
            return self.shown is not None or bool(self.unsettled)
        return self.shown is not None if understood else bool(self.unsettled)

    @property
    def is_at_rest(self) -> bool:
        """Tell whether it has nothing more to tell of what it has done.

        Who says "done" as a rule, and has settled something since, is about to say it. Who has said
        so of nothing yet, and has received one task, may be.
        """
        if self.is_working:
            return False
        if self.done_count:
            return self.shown is None and self.done_count >= self.settled_count
        return self.received_count != 1

    @property
    def finished_count(self) -> int:
        """Return how many tasks it has done, by whoever knows of the most."""
        return max(self.works_ended, self.done_count) or self.settled_count

    @property
    def waiting_count(self) -> int:
        """Return how many tasks at least it was sent and has not begun."""
        begun = max(self.works_begun, self.received_count)
        waiting = self.delivered_count - begun if begun or self.automatic else 0
        if self.settled_count and self.settled_count >= self.finished_count:
            waiting = max(waiting, len(self._outstanding) - 1)
        return max(waiting, 0)

    @property
    def limit(self) -> int:
        """Return how many tasks it may hold at most (prefetch); 0: as many as there are."""
        limits = [each.prefetch_count for each in self.consumers.values()]
        if limits and all(limits):
            return sum(limits)
        shared = {
            each.channel: each.channel_prefetch_count
            for each in self.consumers.values()
            if each.channel_prefetch_count
        }
        unshared = [each for each in self.consumers.values() if each.channel not in shared]
        return sum(shared.values()) if shared and not unshared else 0

    @property
    def at_limit(self) -> bool:
        """Tell whether it will be sent no more before it settles something."""
        if not self.consumers:
            return self.polls and (self.is_working or bool(self._outstanding))
        return self.manual and 0 < self.limit <= len(self._outstanding)

    @property
    def queues(self) -> set[str]:
        """Return the queues that it is subscribed to."""
        return {consumer.queue for consumer in self.consumers.values()}

    @property
    def is_gone(self) -> bool:
        """Tell whether it has ended and nothing more of it can be on the wire."""
        return self.exited is not None and not self.sockets

    def gets_more(self, ready_count: int) -> bool:
        """Tell whether it gets another task once it is through with this one."""
        if self.waiting_count:
            return True
        if not ready_count:
            return False
        settles = self.settled_count > 0 or self.finished_count == 0
        return settles or not self.manual or not self.limit or not self.at_limit

    def has_spare(self, ready_count: int) -> bool:
        """Tell whether it is let go on to another task and still has one that it has not begun.

        Or gets one only then, because it may not hold more than it works at.
        """
        return self.gets_more(ready_count) and (self.waiting_count != 1 or ready_count > 0)

    def take(self, event: Event) -> None:
        """Go on to the next event of the record."""
        if getattr(event, "client", None) != self.client:
            return
        match event:
            case Delivered():
                self._deliver(event)
            case Settled():
                key = event.connection, event.channel, event.delivery_tag
                self._settled.add(self._outstanding.pop(key, ""))
                self.settled_count += event.task is not None and not event.requeue
            case TaskReceived(task=task):
                self.printed = task
                self.received_count += task in self._names
            case TaskDone():
                self.printed = ""
                self.done_count += 1
            case WorkBegan(thread=thread):
                self._begin_work(thread)
            case WorkEnded(thread=thread):
                if self._sleeping.get(thread):
                    self._sleeping[thread] -= 1
                    self.works_ended += 1
            case ConsumerStarted():
                self.consumers[event.connection, event.channel, event.consumer_tag] = event
            case PollEmpty():
                self.polls = True
            case SocketOpened():
                self.sockets.add(event.connection)
            case ConsumerCancelled() | ChannelClosed() | ConnectionClosed() | SocketClosed():
                self._lose(event)
            case ProgramExited():
                self.exited = event

    def _begin_work(self, thread: str) -> None:
        if not self.delivered_count and self.consumers:
            self._idlers.add(thread)
        if self.delivered_count and thread not in self._idlers:
            self.works_begun += 1
            self._sleeping[thread] = self._sleeping.get(thread, 0) + 1

    def _deliver(self, event: Delivered) -> None:
        self.delivered_count += 1
        self._settled.discard(event.task)
        self._names[event.task if event.body is None else event.body] = event.task
        if event.consumer_tag is None:
            self.polls = True
        if event.no_ack:
            self.automatic = True
        else:
            self.manual = True
            self._outstanding[event.connection, event.channel, event.delivery_tag] = event.task

    def _lose(
        self, event: ConsumerCancelled | ChannelClosed | ConnectionClosed | SocketClosed
    ) -> None:
        self.losses.append(event)
        here: tuple[int | str, ...] = (event.connection,)
        if isinstance(event, ChannelClosed | ConsumerCancelled):
            here += (event.channel,)
        if isinstance(event, ConsumerCancelled):
            here += (event.consumer_tag,)
        else:
            for key in [key for key in self._outstanding if key[: len(here)] == here]:
                del self._outstanding[key]
        for consumer in [key for key in self.consumers if key[: len(here)] == here]:
            del self.consumers[consumer]
        if isinstance(event, SocketClosed):
            self.sockets.discard(event.connection)


class Hands:
    """The hands of several workers, kept up with a record that grows."""

    def __init__(self, clients: Iterable[str]) -> None:
        self._hands = {client: Hand(client) for client in clients}

    def __getitem__(self, client: str) -> Hand:
        return self._hands[client]

    def all(self) -> list[Hand]:
        """Return all of them, in the order in which they were asked for."""
        return list(self._hands.values())

    def take(self, event: Event) -> None:
        """Go on to the next event of the record."""
        hand = self._hands.get(getattr(event, "client", ""))
        if hand is not None:
            hand.take(event)


def hand_of(client: str, recorder: Recorder) -> Hand:
    """Return what one worker has in hand by now."""
    hand = Hand(client)
    for event in recorder.history():
        hand.take(event)
    return hand
