"""Frames -> events: what the two sides of one connection tell each other.

Where the protocol leaves a choice or the two sides cross each other:

- What was delivered and not settled goes back to the queue when the channel or the connection
  closes; a settlement seen after that settles nothing (``Settled`` with ``task`` None).
- Nor does a multiple settlement up to a tag that is not outstanding, whatever is before it:
  RabbitMQ refuses it and closes the channel (seen with 3.10).
- ``basic.recover`` gives what is outstanding back to the queue: one ``Settled`` each, as of a
  multiple nack with requeue.
- A request with ``nowait`` gives its event when it is sent, without the broker's counts.
- An empty queue name means the queue declared last on the channel; so does an empty routing key
  beside it, in a binding of a queue.
- A channel that the client never opened is followed like any other: the broker will refuse it.
- In a transaction (``tx``) publishes and settlements are told when they are sent; whoever counts
  them has to look for ``TransactionCommitted``. A rollback makes what was settled since the last
  commit outstanding again.
- A limit of ``basic.qos`` with ``global`` is what the broker's version makes of it:
  ``shares_global_qos``. ``PrefetchSet`` tells what was asked for.

Memory: one unfinished frame of each side, 256 bytes of each unfinished body, and what both sides
have agreed on and not settled, which takes at most 128 bytes for each byte that came. After
undecodable bytes and at the end nothing of it is kept. Each frame gives at most one event; the
frame of a multiple settlement or confirm one for each delivery or publish that it stands for; after
a rollback a delivery can be settled once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from filaprova.amqp.agreed import (
    Arguments,
    Channel,
    Consumer,
    Outstanding,
    UnexpectedError,
    shares_global_qos,
    take,
)
from filaprova.amqp.content import Content
from filaprova.amqp.frames import SHOWN_BYTES, Frame, FrameReader, UndecodableBytesError
from filaprova.record.event import Event
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    ChannelEvent,
    ChannelOpened,
    Confirmed,
    ConfirmsSelected,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    PrefetchSet,
    Published,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Returned,
    Settled,
    Side,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
    Unbound,
    Undecodable,
)

NAME_LIMIT = 256
"""Characters that are kept of what a broker or client library calls itself, and its version; every
other name is a short string."""

UNKNOWN_CONSUMER = Consumer(None, False)
"""Whose deliveries come without a basic.consume that we have seen."""


class _Carrier:
    """A method whose content is still coming."""

    __slots__ = ("arguments", "channel", "content", "finish", "method")

    def __init__(
        self, method: str, channel: Channel, arguments: Arguments, finish: ContentHandler
    ) -> None:
        self.method = method
        self.channel = channel
        self.arguments = arguments
        self.finish = finish
        self.content: Content | None = None


class _Direction:
    """What one side sends: its bytes, what it may send, and the contents that are still coming."""

    __slots__ = ("carriers", "content_handlers", "handlers", "passed_over", "reader")

    def __init__(
        self,
        expects_protocol_header: bool,
        handlers: dict[str, Handler],
        content_handlers: dict[str, ContentHandler],
        passed_over: frozenset[str],
    ) -> None:
        self.reader = FrameReader(expects_protocol_header=expects_protocol_header)
        self.handlers = handlers
        self.content_handlers = content_handlers
        self.passed_over = passed_over
        self.carriers: dict[int, _Carrier] = {}


class Conversation:
    """Follow both directions of one AMQP connection."""

    def __init__(self, client: str, connection: int) -> None:
        """Start at the first byte of a connection; the two arguments go into every event."""
        self._client = client
        self._connection = connection
        self._directions: dict[Side, _Direction] = {
            "client": _Direction(
                True, _FROM_CLIENT, _CONTENT_FROM_CLIENT, _PASSED_OVER_FROM_CLIENT
            ),
            "broker": _Direction(
                False, _FROM_BROKER, _CONTENT_FROM_BROKER, _PASSED_OVER_FROM_BROKER
            ),
        }
        self._channels: dict[int, Channel] = {}
        self._decodable = True
        self._product = self._version = self._vhost = ""
        self._client_product = self._client_version = ""
        self._shares_global_qos = True
        self._heartbeat_s = self._frame_max_bytes = 0
        # What is being received; every event that it gives carries its time.
        self._side: Side
        self._at_ns: int
        self._events: list[Event]

    def receive(self, side: Side, data: bytes, at_ns: int) -> list[Event]:
        """Return the events that these bytes from ``side`` complete; never raises.

        Bytes that are not AMQP 0-9-1 give one ``Undecodable``; the connection is ignored then.
        """
        if not self._decodable:
            return []
        try:
            return self.receive_frames(side, self._directions[side].reader.receive(data), at_ns)
        except UndecodableBytesError as error:
            events = self.receive_frames(side, error.frames, at_ns)
            return events + self.give_up(side, error, at_ns)

    def receive_frames(self, side: Side, frames: Sequence[Frame], at_ns: int) -> list[Event]:
        """Return the events that these frames complete, for a caller with a reader of its own."""
        if not self._decodable:
            return []
        self._side, self._at_ns, self._events = side, at_ns, []
        direction = self._directions[side]
        for frame in frames:
            try:
                if frame.kind == "method":
                    self._receive_method(direction, frame)
                elif frame.kind == "header":
                    self._receive_header(direction, frame)
                elif frame.kind == "body":
                    self._receive_body(direction, frame)
            except UnexpectedError as error:
                undecodable = UndecodableBytesError(str(error), frame.raw[:SHOWN_BYTES])
                return self._events + self.give_up(side, undecodable, at_ns)
            except UndecodableBytesError as error:
                return self._events + self.give_up(side, error, at_ns)
        return self._events

    def give_up(self, side: Side, error: UndecodableBytesError, at_ns: int) -> list[Event]:
        """Return the one ``Undecodable`` of this connection; from here on it is ignored."""
        if not self._decodable:
            return []
        self._decodable = False
        self._forget()
        return [
            Undecodable(
                at_ns=at_ns,
                client=self._client,
                connection=self._connection,
                by=side,
                reason=error.reason,
                bytes_hex=error.shown.hex(),
            )
        ]

    def channel(self, number: int) -> Channel | None:
        """Return what both sides have agreed on a channel, for others to look at."""
        return self._channels.get(number)

    def unfinished_method(self, side: Side, number: int) -> str | None:
        """Return the method on a channel whose content is still coming from this side."""
        carrier = self._directions[side].carriers.get(number)
        return None if carrier is None else carrier.method

    def end(self) -> tuple[int, int]:
        """Return how many bytes of the client and of the broker did not complete a frame."""
        remainders = (
            self._directions["client"].reader.remainder_bytes,
            self._directions["broker"].reader.remainder_bytes,
        )
        self._forget()
        return remainders

    def _forget(self) -> None:
        self._events = []
        self._channels.clear()
        for direction in self._directions.values():
            direction.carriers.clear()
            direction.reader.forget()

    # ------------------------------------------------------------ frames

    def _receive_method(self, direction: _Direction, frame: Frame) -> None:
        method, number = frame.method, frame.channel
        if number in direction.carriers:
            carrier = direction.carriers[number]
            raise UnexpectedError(f"a {method} inside the content of a {carrier.method}")
        channel = self._channels.get(number)
        if channel is None:
            channel = self._channels[number] = Channel(number)
        finish = direction.content_handlers.get(method)
        if finish is not None:
            carrier = _Carrier(method, channel, frame.arguments(), finish)
            direction.carriers[number] = carrier
            return
        handle = direction.handlers.get(method)
        if handle is not None:
            handle(self, channel, frame.arguments())
        elif method in direction.passed_over:
            frame.arguments()  # only to see that they are sound
        else:
            raise UnexpectedError(f"a {method} from the {self._side}")

    def _receive_header(self, direction: _Direction, frame: Frame) -> None:
        carrier = direction.carriers.get(frame.channel)
        if carrier is None or carrier.content is not None:
            raise UnexpectedError("a content header without its method")
        content = carrier.content = Content(*frame.content_header())
        if not content.missing_bytes:
            del direction.carriers[frame.channel]
            carrier.finish(self, carrier.channel, carrier.arguments, content)

    def _receive_body(self, direction: _Direction, frame: Frame) -> None:
        carrier = direction.carriers.get(frame.channel)
        if carrier is None or carrier.content is None:
            raise UnexpectedError("a content body without its header")
        content = carrier.content
        content.add(frame.payload)
        if content.missing_bytes > 0:
            return
        if content.missing_bytes < 0:
            raise UnexpectedError(f"more body than the {content.body_bytes} bytes announced")
        del direction.carriers[frame.channel]
        carrier.finish(self, carrier.channel, carrier.arguments, content)

    # ------------------------------------------------------------ connection and channels

    def _connection_start(self, _channel: Channel, arguments: Arguments) -> None:
        _, _, properties, _, _ = arguments
        self._product, self._version = _names(properties)
        self._shares_global_qos = shares_global_qos(self._product, self._version)

    def _connection_start_ok(self, _channel: Channel, arguments: Arguments) -> None:
        properties, _, _, _ = arguments
        self._client_product, self._client_version = _names(properties)

    def _connection_tune_ok(self, _channel: Channel, arguments: Arguments) -> None:
        _, self._frame_max_bytes, self._heartbeat_s = arguments

    def _connection_open(self, _channel: Channel, arguments: Arguments) -> None:
        self._vhost, _, _ = arguments

    def _connection_open_ok(self, _channel: Channel, _arguments: Arguments) -> None:
        self._events.append(
            ConnectionOpened(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                vhost=self._vhost,
                heartbeat_s=self._heartbeat_s,
                frame_max_bytes=self._frame_max_bytes,
                broker_product=self._product,
                broker_version=self._version,
                client_product=self._client_product,
                client_version=self._client_version,
            )
        )

    def _connection_close(self, _channel: Channel, arguments: Arguments) -> None:
        code, text, _, _ = arguments
        for channel in self._channels.values():
            channel.let_go()
        self._events.append(
            ConnectionClosed(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                by=self._side,
                code=code,
                text=text,
            )
        )

    def _connection_blocked(self, _channel: Channel, arguments: Arguments) -> None:
        self._events.append(
            ConnectionBlocked(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                reason=arguments[0],
            )
        )

    def _connection_unblocked(self, _channel: Channel, _arguments: Arguments) -> None:
        self._events.append(
            ConnectionUnblocked(at_ns=self._at_ns, client=self._client, connection=self._connection)
        )

    def _channel_open(self, channel: Channel, _arguments: Arguments) -> None:
        del self._channels[channel.number]  # what comes next on it begins anew

    def _channel_open_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._record(ChannelOpened, channel)

    def _channel_close(self, channel: Channel, arguments: Arguments) -> None:
        code, text, _, _ = arguments
        channel.let_go()
        self._record(ChannelClosed, channel, by=self._side, code=code, text=text)

    # ------------------------------------------------------------ exchanges and bindings

    def _exchange_declare(self, channel: Channel, arguments: Arguments) -> None:
        if arguments[3] & 0b10000:
            self._exchange_declared(channel, arguments, answered=False)
        else:
            channel.asked["exchange.declare-ok"].append(arguments)

    def _exchange_declare_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._exchange_declared(channel, channel.answer("exchange.declare-ok"), answered=True)

    def _exchange_declared(self, channel: Channel, asked: Arguments, *, answered: bool) -> None:
        _, exchange, kind, bits, table = asked
        self._record(
            ExchangeDeclared,
            channel,
            exchange=exchange,
            kind=kind,
            passive=bool(bits & 0b1),
            durable=bool(bits & 0b10),
            auto_delete=bool(bits & 0b100),
            internal=bool(bits & 0b1000),
            arguments=_plain_table(table),
            answered=answered,
        )

    def _exchange_delete(self, channel: Channel, arguments: Arguments) -> None:
        _, exchange, bits = arguments
        if bits & 0b10:
            self._record(ExchangeDeleted, channel, exchange=exchange, answered=False)
        else:
            channel.asked["exchange.delete-ok"].append(arguments)

    def _exchange_delete_ok(self, channel: Channel, _arguments: Arguments) -> None:
        _, exchange, _ = channel.answer("exchange.delete-ok")
        self._record(ExchangeDeleted, channel, exchange=exchange)

    def _queue_bind(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, exchange, routing_key, no_wait, table = arguments
        asked = [exchange, queue, routing_key, table]
        if no_wait & 0b1:
            self._queue_binding(Bound, channel, asked)
        else:
            channel.asked["queue.bind-ok"].append(asked)

    def _queue_bind_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._queue_binding(Bound, channel, channel.answer("queue.bind-ok"))

    def _queue_unbind(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, exchange, routing_key, table = arguments
        channel.asked["queue.unbind-ok"].append([exchange, queue, routing_key, table])

    def _queue_unbind_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._queue_binding(Unbound, channel, channel.answer("queue.unbind-ok"))

    def _queue_binding(
        self, kind: type[Bound | Unbound], channel: Channel, asked: Arguments
    ) -> None:
        exchange, queue, routing_key, table = asked
        name = channel.queue(queue)
        if not queue and not routing_key:  # AMQP 0-9-1, queue.bind, rule of "routing-key"
            routing_key = name
        self._binding(kind, channel, [exchange, name, routing_key, table], to_exchange=False)

    def _exchange_bind(self, channel: Channel, arguments: Arguments) -> None:
        self._ask_to_bind(Bound, "exchange.bind-ok", channel, arguments)

    def _exchange_bind_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._binding(Bound, channel, channel.answer("exchange.bind-ok"), to_exchange=True)

    def _exchange_unbind(self, channel: Channel, arguments: Arguments) -> None:
        self._ask_to_bind(Unbound, "exchange.unbind-ok", channel, arguments)

    def _exchange_unbind_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._binding(Unbound, channel, channel.answer("exchange.unbind-ok"), to_exchange=True)

    def _ask_to_bind(
        self, kind: type[Bound | Unbound], answer: str, channel: Channel, arguments: Arguments
    ) -> None:
        _, destination, source, routing_key, no_wait, table = arguments
        asked = [source, destination, routing_key, table]
        if no_wait & 0b1:
            self._binding(kind, channel, asked, to_exchange=True)
        else:
            channel.asked[answer].append(asked)

    def _binding(
        self,
        kind: type[Bound | Unbound],
        channel: Channel,
        asked: Arguments,
        *,
        to_exchange: bool,
    ) -> None:
        source, destination, routing_key, table = asked
        self._record(
            kind,
            channel,
            source=source,
            destination=destination,
            to_exchange=to_exchange,
            routing_key=routing_key,
            arguments=_plain_table(table),
        )

    # ------------------------------------------------------------ transactions

    def _tx_select(self, channel: Channel, arguments: Arguments) -> None:
        if channel.settled_in_transaction is None:
            channel.settled_in_transaction = {}
        channel.asked["tx.select-ok"].append(arguments)

    def _tx_select_ok(self, channel: Channel, _arguments: Arguments) -> None:
        channel.answer("tx.select-ok")
        self._record(TransactionSelected, channel)

    def _tx_commit(self, channel: Channel, arguments: Arguments) -> None:
        channel.commit()
        channel.asked["tx.commit-ok"].append(arguments)

    def _tx_commit_ok(self, channel: Channel, _arguments: Arguments) -> None:
        channel.answer("tx.commit-ok")
        self._record(TransactionCommitted, channel)

    def _tx_rollback(self, channel: Channel, arguments: Arguments) -> None:
        channel.roll_back()  # the broker does so before it reads what the client sends next
        channel.asked["tx.rollback-ok"].append(arguments)

    def _tx_rollback_ok(self, channel: Channel, _arguments: Arguments) -> None:
        channel.answer("tx.rollback-ok")
        self._record(TransactionRolledBack, channel)

    # ------------------------------------------------------------ queues and consumers

    def _queue_declare(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, bits, _ = arguments
        if bits & 0b10000:
            self._queue_declared(channel, arguments, [queue, 0, 0], answered=False)
        else:
            channel.asked["queue.declare-ok"].append(arguments)

    def _queue_declare_ok(self, channel: Channel, arguments: Arguments) -> None:
        asked = channel.answer("queue.declare-ok")
        self._queue_declared(channel, asked, arguments, answered=True)

    def _queue_declared(
        self, channel: Channel, asked: Arguments, answer: Arguments, *, answered: bool
    ) -> None:
        _, _, bits, table = asked
        queue, ready_count, consumer_count = answer
        channel.last_queue = queue
        self._record(
            QueueDeclared,
            channel,
            queue=queue,
            passive=bool(bits & 0b1),
            durable=bool(bits & 0b10),
            exclusive=bool(bits & 0b100),
            auto_delete=bool(bits & 0b1000),
            ready_count=ready_count,
            consumer_count=consumer_count,
            arguments=_plain_table(table),
            answered=answered,
        )

    def _queue_delete(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, bits = arguments
        if bits & 0b100:
            self._record(
                QueueDeleted, channel, queue=channel.queue(queue), message_count=0, answered=False
            )
        else:
            channel.asked["queue.delete-ok"].append(arguments)

    def _queue_delete_ok(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, _ = channel.answer("queue.delete-ok")
        self._record(QueueDeleted, channel, queue=channel.queue(queue), message_count=arguments[0])

    def _queue_purge(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, bits = arguments
        if bits & 0b1:
            self._record(
                QueuePurged, channel, queue=channel.queue(queue), message_count=0, answered=False
            )
        else:
            channel.asked["queue.purge-ok"].append(arguments)

    def _queue_purge_ok(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, _ = channel.answer("queue.purge-ok")
        self._record(QueuePurged, channel, queue=channel.queue(queue), message_count=arguments[0])

    def _basic_qos(self, channel: Channel, arguments: Arguments) -> None:
        _, prefetch_count, is_global = arguments
        if is_global & 0b1 and self._shares_global_qos:
            channel.channel_prefetch_count = prefetch_count
        else:
            channel.prefetch_count = prefetch_count
        channel.asked["basic.qos-ok"].append(arguments)

    def _basic_qos_ok(self, channel: Channel, _arguments: Arguments) -> None:
        _, prefetch_count, is_global = channel.answer("basic.qos-ok")
        self._record(
            PrefetchSet, channel, prefetch_count=prefetch_count, is_global=bool(is_global & 0b1)
        )

    def _basic_consume(self, channel: Channel, arguments: Arguments) -> None:
        _, queue, consumer_tag, bits, table = arguments
        priority = table.get("x-priority")
        asked = [
            queue,
            bool(bits & 0b10),
            bool(bits & 0b100),
            channel.prefetch_count,
            channel.channel_prefetch_count,
            priority if type(priority) is int else 0,  # a bool would be an int
        ]
        if bits & 0b1000:
            self._consumer_started(channel, asked, consumer_tag)
        else:
            channel.asked["basic.consume-ok"].append(asked)

    def _basic_consume_ok(self, channel: Channel, arguments: Arguments) -> None:
        self._consumer_started(channel, channel.answer("basic.consume-ok"), arguments[0])

    def _consumer_started(self, channel: Channel, asked: Arguments, consumer_tag: str) -> None:
        queue, no_ack, exclusive, prefetch_count, channel_prefetch_count, priority = asked
        queue = channel.queue(queue)
        channel.consumers[consumer_tag] = Consumer(queue, no_ack)
        self._record(
            ConsumerStarted,
            channel,
            queue=queue,
            consumer_tag=consumer_tag,
            no_ack=no_ack,
            prefetch_count=prefetch_count,
            priority=priority,
            exclusive=exclusive,
            channel_prefetch_count=channel_prefetch_count,
        )

    def _basic_cancel_by_client(self, channel: Channel, arguments: Arguments) -> None:
        consumer_tag, no_wait = arguments
        if no_wait:
            # The consumer stays known: what the broker sent before it reads this is its own.
            self._record(ConsumerCancelled, channel, consumer_tag=consumer_tag, by="client")

    def _basic_cancel_ok(self, channel: Channel, arguments: Arguments) -> None:
        channel.consumers.pop(arguments[0], None)
        self._record(ConsumerCancelled, channel, consumer_tag=arguments[0], by="client")

    def _basic_cancel_by_broker(self, channel: Channel, arguments: Arguments) -> None:
        channel.consumers.pop(arguments[0], None)
        self._record(ConsumerCancelled, channel, consumer_tag=arguments[0], by="broker")

    # ------------------------------------------------------------ publishing

    def _confirm_select(self, channel: Channel, arguments: Arguments) -> None:
        channel.confirming = True
        if arguments[0]:
            self._record(ConfirmsSelected, channel)

    def _confirm_select_ok(self, channel: Channel, _arguments: Arguments) -> None:
        self._record(ConfirmsSelected, channel)

    def _basic_publish(self, channel: Channel, arguments: Arguments, content: Content) -> None:
        _, exchange, routing_key, bits = arguments
        task, body = content.identity()
        publish_tag = None
        if channel.confirming:
            publish_tag = channel.publish_count = channel.publish_count + 1
            channel.unconfirmed[publish_tag] = task
        self._events.append(
            Published(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                channel=channel.number,
                task=task,
                exchange=exchange,
                routing_key=routing_key,
                persistent=content.properties.get("delivery_mode") == 2,
                mandatory=bool(bits & 0b1),
                body_bytes=content.body_bytes,
                publish_tag=publish_tag,
                body=body,
                expiration=content.properties.get("expiration"),
                priority=content.priority,
            )
        )

    def _basic_ack_by_broker(self, channel: Channel, arguments: Arguments) -> None:
        publish_tag, multiple = arguments
        self._confirm(Confirmed, channel, publish_tag, bool(multiple))

    def _basic_nack_by_broker(self, channel: Channel, arguments: Arguments) -> None:
        publish_tag, bits = arguments
        self._confirm(PublishRefused, channel, publish_tag, bool(bits & 0b1))

    def _confirm(
        self,
        kind: type[Confirmed | PublishRefused],
        channel: Channel,
        publish_tag: int,
        multiple: bool,
    ) -> None:
        taken = take(channel.unconfirmed, publish_tag, multiple)
        if not taken and not multiple:
            raise UnexpectedError(f"an answer to publish {publish_tag}, which awaits none")
        for tag, task in taken:
            self._record(kind, channel, task=task, publish_tag=tag)

    def _basic_return(self, channel: Channel, arguments: Arguments, content: Content) -> None:
        code, text, _, _ = arguments
        self._record(Returned, channel, task=content.identity()[0], code=code, text=text)

    # ------------------------------------------------------------ consuming

    def _basic_deliver(self, channel: Channel, arguments: Arguments, content: Content) -> None:
        consumer_tag, *how = arguments
        consumer = channel.consumers.get(consumer_tag, UNKNOWN_CONSUMER)
        self._delivered(channel, consumer, consumer_tag, how, content)

    def _basic_get(self, channel: Channel, arguments: Arguments) -> None:
        channel.asked["basic.get-ok"].append(arguments)

    def _basic_get_empty(self, channel: Channel, _arguments: Arguments) -> None:
        _, queue, _ = channel.answer("basic.get-ok")
        self._record(PollEmpty, channel, queue=channel.queue(queue))

    def _basic_get_ok(self, channel: Channel, arguments: Arguments, content: Content) -> None:
        *how, _ = arguments
        _, queue, no_ack = channel.answer("basic.get-ok")
        consumer = Consumer(channel.queue(queue), bool(no_ack & 0b1))
        self._delivered(channel, consumer, None, how, content)

    def _delivered(
        self,
        channel: Channel,
        consumer: Consumer,
        consumer_tag: str | None,
        how: Arguments,
        content: Content,
    ) -> None:
        delivery_tag, redelivered, exchange, routing_key = how
        task, body = content.identity()
        queue, no_ack = consumer
        if not no_ack:
            channel.unsettled[delivery_tag] = task, queue
        self._events.append(
            Delivered(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                channel=channel.number,
                task=task,
                queue=queue,
                consumer_tag=consumer_tag,
                delivery_tag=delivery_tag,
                redelivered=bool(redelivered & 0b1),
                no_ack=no_ack,
                body_bytes=content.body_bytes,
                body=body,
                delivery_count=content.delivery_count,
                exchange=exchange,
                routing_key=routing_key,
                dead_lettered_from=content.dead_lettered_from,
            )
        )

    def _basic_ack_by_client(self, channel: Channel, arguments: Arguments) -> None:
        delivery_tag, multiple = arguments
        self._settle(channel, delivery_tag, "ack", multiple=bool(multiple & 0b1))

    def _basic_nack_by_client(self, channel: Channel, arguments: Arguments) -> None:
        delivery_tag, bits = arguments
        multiple, requeue = bool(bits & 0b1), bool(bits & 0b10)
        self._settle(channel, delivery_tag, "nack", multiple=multiple, requeue=requeue)

    def _basic_reject(self, channel: Channel, arguments: Arguments) -> None:
        delivery_tag, requeue = arguments
        self._settle(channel, delivery_tag, "reject", requeue=bool(requeue & 0b1))

    def _basic_recover(self, channel: Channel, arguments: Arguments) -> None:
        # RabbitMQ refuses to recover without requeue and closes the connection.
        if arguments[0] and channel.unsettled:
            # It is no part of a transaction, so that no rollback takes it back.
            settled = channel.settle(0, multiple=True, for_good=True)
            self._settled(channel, 0, settled, "nack", multiple=True, requeue=True)

    def _settle(
        self,
        channel: Channel,
        delivery_tag: int,
        how: Literal["ack", "nack", "reject"],
        *,
        multiple: bool = False,
        requeue: bool = False,
    ) -> None:
        settled = channel.settle(delivery_tag, multiple)
        self._settled(channel, delivery_tag, settled, how, multiple=multiple, requeue=requeue)

    def _settled(
        self,
        channel: Channel,
        delivery_tag: int,
        settled: Sequence[tuple[int, Outstanding]],
        how: Literal["ack", "nack", "reject"],
        *,
        multiple: bool,
        requeue: bool,
    ) -> None:
        for tag, (task, queue) in settled or ((delivery_tag, (None, None)),):
            self._events.append(
                Settled(
                    at_ns=self._at_ns,
                    client=self._client,
                    connection=self._connection,
                    channel=channel.number,
                    task=task,
                    delivery_tag=tag,
                    how=how,
                    requeue=requeue,
                    multiple=multiple,
                    queue=queue,
                )
            )

    def _record(self, kind: type[ChannelEvent], channel: Channel, /, **fields: Any) -> None:
        self._events.append(
            kind(
                at_ns=self._at_ns,
                client=self._client,
                connection=self._connection,
                channel=channel.number,
                **fields,
            )
        )


def _plain(value: Any) -> str | int | float | bool | None:
    """Return a value of an argument table as JSON has it; what JSON lacks as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _plain_table(table: dict[str, Any]) -> dict[str, str | int | float | bool | None]:
    return {name: _plain(value) for name, value in table.items()}


def _names(properties: dict[str, Any]) -> tuple[str, str]:
    """Return what one side calls itself, and its version; empty where it does not say."""
    product, version = properties.get("product", ""), properties.get("version", "")
    return str(product)[:NAME_LIMIT], str(version)[:NAME_LIMIT]


Handler: TypeAlias = Callable[[Conversation, Channel, Arguments], None]
ContentHandler: TypeAlias = Callable[[Conversation, Channel, Arguments, Content], None]

_CONTENT_FROM_CLIENT: dict[str, ContentHandler] = {"basic.publish": Conversation._basic_publish}
_CONTENT_FROM_BROKER: dict[str, ContentHandler] = {
    "basic.return": Conversation._basic_return,
    "basic.deliver": Conversation._basic_deliver,
    "basic.get-ok": Conversation._basic_get_ok,
}
_FROM_EITHER: dict[str, Handler] = {
    "connection.close": Conversation._connection_close,
    "channel.close": Conversation._channel_close,
}
_FROM_CLIENT: dict[str, Handler] = _FROM_EITHER | {
    "connection.start-ok": Conversation._connection_start_ok,
    "connection.tune-ok": Conversation._connection_tune_ok,
    "connection.open": Conversation._connection_open,
    "channel.open": Conversation._channel_open,
    "exchange.declare": Conversation._exchange_declare,
    "exchange.delete": Conversation._exchange_delete,
    "exchange.bind": Conversation._exchange_bind,
    "exchange.unbind": Conversation._exchange_unbind,
    "queue.declare": Conversation._queue_declare,
    "queue.bind": Conversation._queue_bind,
    "queue.unbind": Conversation._queue_unbind,
    "queue.purge": Conversation._queue_purge,
    "queue.delete": Conversation._queue_delete,
    "basic.qos": Conversation._basic_qos,
    "basic.consume": Conversation._basic_consume,
    "basic.cancel": Conversation._basic_cancel_by_client,
    "basic.get": Conversation._basic_get,
    "basic.ack": Conversation._basic_ack_by_client,
    "basic.reject": Conversation._basic_reject,
    "basic.nack": Conversation._basic_nack_by_client,
    "basic.recover": Conversation._basic_recover,
    "basic.recover-async": Conversation._basic_recover,
    "confirm.select": Conversation._confirm_select,
    "tx.select": Conversation._tx_select,
    "tx.commit": Conversation._tx_commit,
    "tx.rollback": Conversation._tx_rollback,
}
_FROM_BROKER: dict[str, Handler] = _FROM_EITHER | {
    "connection.start": Conversation._connection_start,
    "connection.open-ok": Conversation._connection_open_ok,
    "connection.blocked": Conversation._connection_blocked,
    "connection.unblocked": Conversation._connection_unblocked,
    "channel.open-ok": Conversation._channel_open_ok,
    "exchange.declare-ok": Conversation._exchange_declare_ok,
    "exchange.delete-ok": Conversation._exchange_delete_ok,
    "exchange.bind-ok": Conversation._exchange_bind_ok,
    "exchange.unbind-ok": Conversation._exchange_unbind_ok,
    "queue.declare-ok": Conversation._queue_declare_ok,
    "queue.bind-ok": Conversation._queue_bind_ok,
    "queue.unbind-ok": Conversation._queue_unbind_ok,
    "queue.purge-ok": Conversation._queue_purge_ok,
    "queue.delete-ok": Conversation._queue_delete_ok,
    "basic.qos-ok": Conversation._basic_qos_ok,
    "basic.consume-ok": Conversation._basic_consume_ok,
    "basic.cancel": Conversation._basic_cancel_by_broker,
    "basic.cancel-ok": Conversation._basic_cancel_ok,
    "basic.get-empty": Conversation._basic_get_empty,
    "basic.ack": Conversation._basic_ack_by_broker,
    "basic.nack": Conversation._basic_nack_by_broker,
    "confirm.select-ok": Conversation._confirm_select_ok,
    "tx.select-ok": Conversation._tx_select_ok,
    "tx.commit-ok": Conversation._tx_commit_ok,
    "tx.rollback-ok": Conversation._tx_rollback_ok,
}

# What the record does not need.
_PASSED_OVER_FROM_EITHER = frozenset(
    ("connection.close-ok", "channel.close-ok", "channel.flow", "channel.flow-ok")
)
_PASSED_OVER_FROM_CLIENT = _PASSED_OVER_FROM_EITHER | {
    "connection.secure-ok",
    "connection.update-secret",
    "access.request",
    "basic.cancel-ok",
}
_PASSED_OVER_FROM_BROKER = _PASSED_OVER_FROM_EITHER | {
    "connection.secure",
    "connection.tune",
    "connection.update-secret-ok",
    "access.request-ok",
    "basic.recover-ok",
}
