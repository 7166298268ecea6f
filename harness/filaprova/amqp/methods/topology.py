"""Exchanges, queues and bindings: what is declared, bound, purged and deleted.

A request with ``nowait`` gives its event when it is sent, without the broker's counts. An empty
queue name means the queue declared last on the channel; so does an empty routing key beside it, in
a binding of a queue.
"""

from __future__ import annotations

from filaprova.amqp.agreed import Arguments, Channel
from filaprova.amqp.fields import plain_table
from filaprova.amqp.heard import Handler, Heard
from filaprova.record.wire import (
    Bound,
    ExchangeDeclared,
    ExchangeDeleted,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Unbound,
)


def _exchange_declare(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    if arguments[3] & 0b10000:
        _exchange_declared(heard, channel, arguments, answered=False)
    else:
        channel.asked["exchange.declare-ok"].append(arguments)


def _exchange_declare_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _exchange_declared(heard, channel, channel.answer("exchange.declare-ok"), answered=True)


def _exchange_declared(heard: Heard, channel: Channel, asked: Arguments, *, answered: bool) -> None:
    _, exchange, kind, bits, table = asked
    heard.record(
        ExchangeDeclared,
        channel,
        exchange=exchange,
        kind=kind,
        passive=bool(bits & 0b1),
        durable=bool(bits & 0b10),
        auto_delete=bool(bits & 0b100),
        internal=bool(bits & 0b1000),
        arguments=plain_table(table),
        answered=answered,
    )


def _exchange_delete(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, exchange, bits = arguments
    if bits & 0b10:
        heard.record(ExchangeDeleted, channel, exchange=exchange, answered=False)
    else:
        channel.asked["exchange.delete-ok"].append(arguments)


def _exchange_delete_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _, exchange, _ = channel.answer("exchange.delete-ok")
    heard.record(ExchangeDeleted, channel, exchange=exchange)


def _queue_bind(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, exchange, routing_key, no_wait, table = arguments
    asked = [exchange, queue, routing_key, table]
    if no_wait & 0b1:
        _queue_binding(heard, Bound, channel, asked)
    else:
        channel.asked["queue.bind-ok"].append(asked)


def _queue_bind_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _queue_binding(heard, Bound, channel, channel.answer("queue.bind-ok"))


def _queue_unbind(_heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, exchange, routing_key, table = arguments
    channel.asked["queue.unbind-ok"].append([exchange, queue, routing_key, table])


def _queue_unbind_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _queue_binding(heard, Unbound, channel, channel.answer("queue.unbind-ok"))


def _queue_binding(
    heard: Heard, kind: type[Bound | Unbound], channel: Channel, asked: Arguments
) -> None:
    exchange, queue, routing_key, table = asked
    name = channel.queue(queue)
    if not queue and not routing_key:  # AMQP 0-9-1, queue.bind, rule of "routing-key"
        routing_key = name
    _binding(heard, kind, channel, [exchange, name, routing_key, table], to_exchange=False)


def _exchange_bind(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _ask_to_bind(heard, Bound, "exchange.bind-ok", channel, arguments)


def _exchange_bind_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _binding(heard, Bound, channel, channel.answer("exchange.bind-ok"), to_exchange=True)


def _exchange_unbind(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _ask_to_bind(heard, Unbound, "exchange.unbind-ok", channel, arguments)


def _exchange_unbind_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _binding(heard, Unbound, channel, channel.answer("exchange.unbind-ok"), to_exchange=True)


def _ask_to_bind(
    heard: Heard, kind: type[Bound | Unbound], answer: str, channel: Channel, arguments: Arguments
) -> None:
    _, destination, source, routing_key, no_wait, table = arguments
    asked = [source, destination, routing_key, table]
    if no_wait & 0b1:
        _binding(heard, kind, channel, asked, to_exchange=True)
    else:
        channel.asked[answer].append(asked)


def _binding(
    heard: Heard,
    kind: type[Bound | Unbound],
    channel: Channel,
    asked: Arguments,
    *,
    to_exchange: bool,
) -> None:
    source, destination, routing_key, table = asked
    heard.record(
        kind,
        channel,
        source=source,
        destination=destination,
        to_exchange=to_exchange,
        routing_key=routing_key,
        arguments=plain_table(table),
    )


def _queue_declare(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, bits, _ = arguments
    if bits & 0b10000:
        _queue_declared(heard, channel, arguments, [queue, 0, 0], answered=False)
    else:
        channel.asked["queue.declare-ok"].append(arguments)


def _queue_declare_ok(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    asked = channel.answer("queue.declare-ok")
    _queue_declared(heard, channel, asked, arguments, answered=True)


def _queue_declared(
    heard: Heard, channel: Channel, asked: Arguments, answer: Arguments, *, answered: bool
) -> None:
    _, _, bits, table = asked
    queue, ready_count, consumer_count = answer
    channel.last_queue = queue
    heard.record(
        QueueDeclared,
        channel,
        queue=queue,
        passive=bool(bits & 0b1),
        durable=bool(bits & 0b10),
        exclusive=bool(bits & 0b100),
        auto_delete=bool(bits & 0b1000),
        ready_count=ready_count,
        consumer_count=consumer_count,
        arguments=plain_table(table),
        answered=answered,
    )


def _queue_delete(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, bits = arguments
    if bits & 0b100:
        heard.record(
            QueueDeleted, channel, queue=channel.queue(queue), message_count=0, answered=False
        )
    else:
        channel.asked["queue.delete-ok"].append(arguments)


def _queue_delete_ok(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, _ = channel.answer("queue.delete-ok")
    heard.record(QueueDeleted, channel, queue=channel.queue(queue), message_count=arguments[0])


def _queue_purge(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, bits = arguments
    if bits & 0b1:
        heard.record(
            QueuePurged, channel, queue=channel.queue(queue), message_count=0, answered=False
        )
    else:
        channel.asked["queue.purge-ok"].append(arguments)


def _queue_purge_ok(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, queue, _ = channel.answer("queue.purge-ok")
    heard.record(QueuePurged, channel, queue=channel.queue(queue), message_count=arguments[0])


FROM_CLIENT: dict[str, Handler] = {
    "exchange.declare": _exchange_declare,
    "exchange.delete": _exchange_delete,
    "exchange.bind": _exchange_bind,
    "exchange.unbind": _exchange_unbind,
    "queue.declare": _queue_declare,
    "queue.bind": _queue_bind,
    "queue.unbind": _queue_unbind,
    "queue.purge": _queue_purge,
    "queue.delete": _queue_delete,
}
FROM_BROKER: dict[str, Handler] = {
    "exchange.declare-ok": _exchange_declare_ok,
    "exchange.delete-ok": _exchange_delete_ok,
    "exchange.bind-ok": _exchange_bind_ok,
    "exchange.unbind-ok": _exchange_unbind_ok,
    "queue.declare-ok": _queue_declare_ok,
    "queue.bind-ok": _queue_bind_ok,
    "queue.unbind-ok": _queue_unbind_ok,
    "queue.purge-ok": _queue_purge_ok,
    "queue.delete-ok": _queue_delete_ok,
}
