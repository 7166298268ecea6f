"""Replay: a ledger made from a history, event by event.

It replays the wire: a publish adds a ready task, a delivery takes it, an acknowledgement settles
it, and whatever closes the channel or the connection gives back what was not settled (AMQP 0-9-1
section 3.1.8; RabbitMQ documentation, "Consumer Acknowledgements"). Beside it stands what the
programs printed, which is the second witness.
"""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

from filaprova.judge.completion import accounts, body_of, identified
from filaprova.judge.ledger import Comparison, Delivery, Ledger
from filaprova.judge.topology import Topology, arrived
from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Continued,
    Drained,
    Frozen,
    QueueCounted,
    Signalled,
    Struck,
)
from filaprova.record.event import DRAIN, Event
from filaprova.record.history import History
from filaprova.record.program import (
    ProgramExited,
    ProgramStarted,
)
from filaprova.record.transactions import Transactions
from filaprova.record.wire import (
    ChannelClosed,
    ChannelOpened,
    Confirmed,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionUnblocked,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    Published,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Returned,
    Settled,
    SocketClosed,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
)

CONNECTION_FORCED = 320
"""What a broker says that goes down (AMQP 0-9-1 section 1.2)."""
CONNECTION = 0
"""The channel that is the connection itself (AMQP 0-9-1 section 4.2.3)."""


def ledger(history: History, queue: str) -> Ledger:
    """Return the ledger of a queue; made once for each history."""
    return history.derived(f"ledger of {queue}", lambda events: _Replay(events, queue).replay())


class _Replay:
    """The state of the queue while the history is replayed."""

    def __init__(self, history: History, queue: str) -> None:
        self.history = history
        self.book = Ledger(queue=queue)
        self.ready_count = 0
        self.held: dict[int, dict[tuple[int, int], Delivery]] = {}
        """Outstanding deliveries by connection, then by channel and delivery tag."""
        self.frozen: set[str] = set()
        self.topology = Topology()
        self.arrived = arrived(history)
        self.transactions: Transactions[Published | Settled] = Transactions()
        self.by_body: dict[str, str] = {}
        """Identity of each task by the text of its body: what programs print is the body."""
        self.unconfirmed: dict[int, dict[tuple[int, str], list[int]]] = {}
        """Publishes that the broker has not answered, by connection, then by channel and task."""
        self.accepted: Counter[str] = Counter()
        """How many publishes of each task were not turned away."""
        self.delivered: set[str] = set()
        self.blocked: dict[int, ConnectionBlocked] = {}
        """Connections that are blocked."""
        self.closed_ns: dict[tuple[int, int], int] = {}
        """When a side has asked for the end of connections and channels, or they broke: what is
        still on its way there comes back."""
        self.consumer_tags: set[tuple[int, int, str]] = set()
        self.leaving: set[str] = set()
        """Programs that were told to end: what they put back they hand to others."""
        self.limits: dict[tuple[int, int, str | None], int] = {}
        """Prefetch of each consumer that has one."""
        self.unproven: dict[int, dict[tuple[int, str | None], list[Delivery]]] = {}
        """Acknowledged deliveries of which nothing shows yet that the broker has read it, by
        connection, then by channel and consumer."""
        self.cut_off: dict[str, Delivery] = {}
        """Those whose connection broke or that the broker closed on, by task: RabbitMQ drops what a
        channel has not worked off then (RabbitMQ documentation, "Reliability Guide")."""
        self.acked: dict[str, Delivery] = {}
        """Last acknowledged delivery of each task."""
        self.sent_again: dict[str, Delivery] = {}
        """Acknowledged deliveries of tasks that have been sent to somebody again since, by task."""
        self.came_back: dict[str, list[Delivery]] = {}
        """Deliveries of copies that came back and were not sent to anybody since, by task."""
        self.overtaken: set[str] = set()
        """Tasks cut off of which a later one has come back and gone out again: a queue sends in
        order, so they had not come back with it (RabbitMQ documentation, "Consumer
        Acknowledgements": to the original position)."""

    def replay(self) -> Ledger:
        handlers = {
            Published: self.publish,
            Confirmed: self.confirm,
            PublishRefused: self.refuse,
            Returned: self.refuse,
            Delivered: self.deliver,
            Settled: self.settle,
            ConsumerStarted: self.consume,
            ConsumerCancelled: self.cancel,
            ConnectionBlocked: self.block,
            ConnectionUnblocked: lambda event: self.blocked.pop(event.connection, None),
            ChannelOpened: self.open_channel,
            ChannelClosed: self.close_channel,
            ConnectionClosed: self.close_connection,
            SocketClosed: self.close_socket,
            TransactionSelected: self.transactions.select,
            TransactionCommitted: self.commit,
            TransactionRolledBack: self.roll_back,
            QueueCounted: self.count,
            QueueDeclared: self.declare,
            QueueDeleted: self.delete,
            QueuePurged: self.purge,
            Drained: self.drain,
            BrokerStopping: self.stop,
            BrokerStopped: self.stopped,
            BrokerStarted: lambda event: self.book.starts.append(event),
            ProgramStarted: lambda event: self.leaving.discard(event.client),
            Struck: lambda event: self.leaving.add(event.client),
            Signalled: lambda event: self.leaving.add(event.client),
            Frozen: lambda event: self.frozen.add(event.client),
            Continued: lambda event: self.frozen.discard(event.client),
            ProgramExited: lambda event: self.frozen.discard(event.client),
        }
        for event in self.history:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)  # type: ignore[operator]
            self.topology.see(event)
        self.take_up_output()
        publishing = {event.connection for event in self.book.published}
        self.book.blocked = {
            event.client: event.reason for at, event in self.blocked.items() if at in publishing
        }
        return self.book

    def block(self, event: ConnectionBlocked) -> None:
        self.blocked[event.connection] = event

    def publish(self, event: Published) -> None:
        if not self.transactions.keep(event.connection, event.channel, event):
            self.take_publish(event)

    def take_publish(self, event: Published) -> None:
        routes = self.topology.routes(event)
        if not routes:
            routes = self.arrived.get(id(event), routes)
        if routes is None and event.exchange:
            self.book.unrouted.append(event)
            return
        if self.book.queue not in ({event.routing_key} if routes is None else routes):
            return
        body = body_of(event)
        self.by_body.setdefault(event.task, event.task)
        self.by_body.setdefault(body, event.task)
        waiting = self.unconfirmed.setdefault(event.connection, {})
        waiting.setdefault((event.channel, event.task), []).append(len(self.book.published))
        self.book.published.append(event)
        self.accepted[event.task] += 1
        self.book.refused.discard(event.task)
        self.ready_count += 1

    def confirm(self, event: Confirmed) -> None:
        if self.answered(event) is not None:
            self.book.confirmed.add(event.task)

    def refuse(self, event: PublishRefused | Returned) -> None:
        index = self.answered(event)
        if index is None:
            return
        self.book.turned_away.add(index)
        self.accepted[event.task] -= 1
        if not self.accepted[event.task]:
            self.book.refused.add(event.task)
        self.ready_count -= 1

    def answered(self, event: Confirmed | PublishRefused | Returned) -> int | None:
        """Return which publish this answers, at most once; a return is followed by a confirm."""
        indexes = self.unconfirmed.get(event.connection, {}).get((event.channel, event.task))
        return indexes.pop(0) if indexes else None

    def deliver(self, event: Delivered) -> None:
        if event.queue != self.book.queue:
            return
        over_ns = self.over_since_ns(event.connection, event.channel)
        delivery = Delivery(event, event.at_ns if over_ns is None else over_ns)
        self.book.deliveries.append(delivery)
        self.prove(event)
        if event.redelivered and event.task in self.acked:
            self.sent_again[event.task] = self.acked[event.task]
        copies = self.came_back.get(event.task)
        back = copies.pop() if copies else None
        cut_off = None if back else self.cut_off.pop(event.task, None)  # another copy's, if back
        if cut_off is not None and event.redelivered:
            cut_off.unheard = True
            self.ready_count += 1
        self.overtake(back)
        self.delivered.add(event.task)
        self.book.indefinite.discard(event.task)
        self.ready_count -= 1
        if event.no_ack:
            delivery.fate = "automatic"
            delivery.ended_at_ns = event.at_ns
        elif over_ns is not None:
            # The broker had not yet heard that this client was gone.
            delivery.fate = "returned"
            delivery.ended_at_ns = event.at_ns
            self.ready_count += 1
        else:
            held = self.held.setdefault(event.connection, {})
            held[event.channel, event.delivery_tag] = delivery

    def prove(self, event: Delivered) -> None:
        """A consumer at its limit is sent more only once an acknowledgement has been read."""
        consumer = (event.channel, event.consumer_tag)
        limit = self.limits.get((event.connection, *consumer))
        unproven = self.unproven.get(event.connection, {}).get(consumer)
        if limit and unproven:
            held_count = sum(
                (held.event.channel, held.event.consumer_tag) == consumer
                for held in self.held[event.connection].values()
            )
            del unproven[: max(0, held_count + len(unproven) + 1 - limit)]

    def overtake(self, back: Delivery | None) -> None:
        """Notice which tasks cut off would have gone out before one that had come back."""
        if back is not None:
            self.overtaken |= {
                task
                for task, cut_off in self.cut_off.items()
                if (cut_off.event.connection, cut_off.event.channel)
                == (back.event.connection, back.event.channel)
                and cut_off.event.delivery_tag < back.event.delivery_tag
            }

    def over_since_ns(self, connection: int, channel: int) -> int | None:
        """Return when this channel or its connection ended or was about to; None if neither."""
        if not self.closed_ns:
            return None
        ends = (self.closed_ns.get((connection, of)) for of in (channel, CONNECTION))
        return min((at_ns for at_ns in ends if at_ns is not None), default=None)

    def settle(self, event: Settled) -> None:
        if not self.transactions.keep(event.connection, event.channel, event):
            self.take_settlement(event)

    def commit(self, event: TransactionCommitted) -> None:
        for each in self.transactions.take(event.connection, event.channel):
            if isinstance(each, Published):
                self.take_publish(each)
            else:
                self.take_settlement(each)

    def roll_back(self, event: TransactionRolledBack) -> None:
        self.undo(self.transactions.take(event.connection, event.channel))

    def undo(self, undone: list[Published | Settled]) -> None:
        """Note what was done and never committed."""
        self.book.undone += [
            each
            for each in undone
            if (each.queue if isinstance(each, Settled) else each.routing_key) == self.book.queue
        ]

    def take_settlement(self, event: Settled) -> None:
        held = self.held.get(event.connection, {})
        delivery = held.pop((event.channel, event.delivery_tag), None)
        if delivery is None:
            return
        self.book.settled.append(event)
        delivery.ended_at_ns = event.at_ns
        if event.how == "ack":
            delivery.fate = "acked"
            self.acked[delivery.task] = delivery
            unproven = self.unproven.setdefault(event.connection, {})
            consumer = (event.channel, delivery.event.consumer_tag)
            unproven.setdefault(consumer, []).append(delivery)
        elif event.requeue:
            delivery.fate = "returned" if event.client in self.leaving else "requeued"
            self.ready_count += 1
        else:
            delivery.fate = "discarded"

    def consume(self, event: ConsumerStarted) -> None:
        if event.queue == self.book.queue and event.client != DRAIN:
            self.book.consumers.append(event)
            self.consumer_tags.add((event.connection, event.channel, event.consumer_tag))
            if event.prefetch_count:
                consumer = (event.connection, event.channel, event.consumer_tag)
                self.limits[consumer] = event.prefetch_count

    def cancel(self, event: ConsumerCancelled) -> None:
        if (event.connection, event.channel, event.consumer_tag) in self.consumer_tags:
            self.book.cancelled.append(event)

    def open_channel(self, event: ChannelOpened) -> None:
        self.closed_ns.pop((event.connection, event.channel), None)

    def close_channel(self, event: ChannelClosed) -> None:
        self.undo(self.transactions.end(event.connection, event.channel))
        self.closed_ns.setdefault((event.connection, event.channel), event.at_ns)
        unproven = self.unproven.get(event.connection, {})
        for consumer in [key for key in unproven if key[0] == event.channel]:
            acked = unproven.pop(consumer)
            if event.by == "broker":
                self.ignore(acked)
        held = self.held.get(event.connection, {})
        mine = [key for key in held if key[0] == event.channel]
        self.dismiss(event, bool(mine))
        self.give_back(mine, held, event)
        self.judge_unconfirmed(event.connection, by_client=event.by == "client", of=event.channel)

    def close_connection(self, event: ConnectionClosed) -> None:
        self.undo(self.transactions.end(event.connection))
        self.closed_ns.setdefault((event.connection, CONNECTION), event.at_ns)
        for acked in self.unproven.pop(event.connection, {}).values():
            if event.by == "broker":
                self.ignore(acked)
        held = self.held.get(event.connection, {})
        self.dismiss(event, bool(held))
        self.give_back(list(held), held, event)
        self.judge_unconfirmed(event.connection, by_client=event.by == "client")

    def close_socket(self, event: SocketClosed) -> None:
        self.undo(self.transactions.end(event.connection))
        self.book.gone.add(event.connection)
        self.closed_ns.setdefault((event.connection, CONNECTION), event.at_ns)
        unproven_here = self.unproven.pop(event.connection, {})
        for unproven in unproven_here.values() if event.by != "broker" else ():
            self.cut_off.update((delivery.task, delivery) for delivery in unproven)
        held = self.held.pop(event.connection, {})
        self.give_back(list(held), held, event)
        self.judge_unconfirmed(event.connection)

    def dismiss(self, event: ChannelClosed | ConnectionClosed, held: bool) -> None:
        if held and event.by == "broker" and event.code != CONNECTION_FORCED:
            self.book.dismissed.setdefault(event.client, f"{event.code} {event.text}".strip())

    def ignore(self, acked: list[Delivery]) -> None:
        """Take up what a client acknowledged before it read that the broker had closed on it.

        A broker that closes ignores what comes then, and may have sent the task to another before
        the close was read. What a client closes itself, it has worked off first.
        """
        for delivery in acked:
            if self.sent_again.get(delivery.task) is delivery:
                delivery.unheard = True
                self.ready_count += 1
            else:
                self.cut_off[delivery.task] = delivery

    def give_back(
        self, keys: list[tuple[int, int]], held: dict[tuple[int, int], Delivery], event: Event
    ) -> None:
        for key in keys:
            delivery = held.pop(key)
            delivery.fate = "returned"
            delivery.ended_at_ns = event.at_ns
            self.ready_count += 1
            self.came_back.setdefault(delivery.task, []).append(delivery)

    def judge_unconfirmed(
        self, connection: int, *, by_client: bool = False, of: int | None = None
    ) -> None:
        """An orderly close is answered after all that came before it; a broken one is not."""
        waiting = self.unconfirmed.get(connection, {})
        for channel, task in list(waiting):
            if of in (None, channel) and waiting.pop((channel, task)) and not by_client:
                self.book.indefinite |= {task} - self.delivered

    def take_up_output(self) -> None:
        """Take up what programs told of this queue's tasks, apart from the wire."""
        book = self.book
        for client, account in accounts(self.history).items():
            if not any(sent.queue in (book.queue, None) for sent in account.sent) and not any(
                event.task in self.by_body for event, _ in account.received
            ):
                continue
            book.accounts[client] = account
            book.received += identified(account.received, book.queue, self.by_body)
            book.done += identified(account.done, book.queue, self.by_body)
        book.received.sort(key=attrgetter("at_ns"))
        book.done.sort(key=attrgetter("at_ns"))

    def count(self, event: QueueCounted) -> None:
        if event.queue == self.book.queue:
            comparison = Comparison(
                counted=event,
                ready_count=self.ready_count,
                unacked_count=sum(len(held) for held in self.held.values()),
                unheard_count=len(self.perhaps_ready()),
                indefinite_count=len(self.book.indefinite),
                frozen=frozenset(self.frozen),
            )
            self.book.counts.append(comparison)
            if comparison.agrees:
                self.unproven.clear()
                self.cut_off.clear()

    def perhaps_ready(self) -> set[str]:
        """Return the tasks cut off that may be ready again."""
        return self.cut_off.keys() - self.overtaken

    def declare(self, event: QueueDeclared) -> None:
        if event.queue == self.book.queue and event.client == DRAIN:
            self.book.undrained_count = event.ready_count

    def delete(self, event: QueueDeleted) -> None:
        if event.queue == self.book.queue:
            self.book.deleted.append(event)
            self.ready_count = 0

    def purge(self, event: QueuePurged) -> None:
        if event.queue == self.book.queue:
            self.ready_count = 0

    def stop(self, event: BrokerStopping) -> None:
        self.book.stops.append(event)
        self.book.perhaps_unheard = self.perhaps_ready()

    def stopped(self, event: BrokerStopped) -> None:
        if event.how == "kill" or not event.clean:
            self.book.unclean.append(event)

    def drain(self, event: Drained) -> None:
        if event.queue == self.book.queue:
            self.book.drained.append(event)
