"""Consuming: limits, consumers, deliveries, and what settles them.

- What was delivered and not settled goes back to the queue when the channel or the connection
  closes; a settlement seen after that settles nothing (``Settled`` with ``task`` None).
- Nor does a multiple settlement up to a tag that is not outstanding, whatever is before it:
  RabbitMQ refuses it and closes the channel (seen with 3.10).
- ``basic.recover`` gives what is outstanding back to the queue: one ``Settled`` each, as of a
  multiple nack with requeue. What was on its way to the client meanwhile goes back as well: it
  comes before the answer.
- A limit of ``basic.qos`` with ``global`` is what the broker's version makes of it:
  ``shares_global_qos``. ``PrefetchSet`` tells what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from filaprova.amqp.agreed import Arguments, Channel, Consumer, Outstanding
from filaprova.amqp.content import Content
from filaprova.amqp.heard import ContentHandler, Handler, Heard
from filaprova.record.wire import (
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    PollEmpty,
    PrefetchSet,
    Settled,
)

UNKNOWN_CONSUMER = Consumer(None, False)
"""Whose deliveries come without a basic.consume that we have seen."""
Told: TypeAlias = Sequence[tuple[int, Outstanding | tuple[None, None]]]
"""The tags that were settled, each with its task and queue; both None: there was no such task."""


def _basic_qos(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _, prefetch_count, is_global = arguments
    if is_global & 0b1 and heard.shares_global_qos:
        channel.channel_prefetch_count = prefetch_count
    else:
        channel.prefetch_count = prefetch_count
    channel.asked["basic.qos-ok"].append(arguments)


def _basic_qos_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _, prefetch_count, is_global = channel.answer("basic.qos-ok")
    heard.record(
        PrefetchSet, channel, prefetch_count=prefetch_count, is_global=bool(is_global & 0b1)
    )


def _basic_consume(heard: Heard, channel: Channel, arguments: Arguments) -> None:
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
        _consumer_started(heard, channel, asked, consumer_tag)
    else:
        channel.asked["basic.consume-ok"].append(asked)


def _basic_consume_ok(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    _consumer_started(heard, channel, channel.answer("basic.consume-ok"), arguments[0])


def _consumer_started(heard: Heard, channel: Channel, asked: Arguments, consumer_tag: str) -> None:
    queue, no_ack, exclusive, prefetch_count, channel_prefetch_count, priority = asked
    queue = channel.queue(queue)
    channel.consumers[consumer_tag] = Consumer(queue, no_ack)
    heard.record(
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


def _basic_cancel_by_client(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    consumer_tag, no_wait = arguments
    if no_wait:
        # The consumer stays known: what the broker sent before it reads this is its own.
        heard.record(ConsumerCancelled, channel, consumer_tag=consumer_tag, by="client")


def _basic_cancel_ok(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.consumers.pop(arguments[0], None)
    heard.record(ConsumerCancelled, channel, consumer_tag=arguments[0], by="client")


def _basic_cancel_by_broker(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.consumers.pop(arguments[0], None)
    heard.record(ConsumerCancelled, channel, consumer_tag=arguments[0], by="broker")


def _basic_deliver(heard: Heard, channel: Channel, arguments: Arguments, content: Content) -> None:
    consumer_tag, *how = arguments
    consumer = channel.consumers.get(consumer_tag, UNKNOWN_CONSUMER)
    _delivered(heard, channel, consumer, consumer_tag, how, content)


def _basic_get(_heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.asked["basic.get-ok"].append(arguments)


def _basic_get_empty(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    _, queue, _ = channel.answer("basic.get-ok")
    heard.record(PollEmpty, channel, queue=channel.queue(queue))


def _basic_get_ok(heard: Heard, channel: Channel, arguments: Arguments, content: Content) -> None:
    *how, _ = arguments
    _, queue, no_ack = channel.answer("basic.get-ok")
    consumer = Consumer(channel.queue(queue), bool(no_ack & 0b1))
    _delivered(heard, channel, consumer, None, how, content)


def _delivered(
    heard: Heard,
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
    heard.events.append(
        Delivered(
            at_ns=heard.at_ns,
            client=heard.client,
            connection=heard.connection,
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
    if channel.recovering_count:
        _give_back(heard, channel)  # on its way when the broker took back all that it had sent


def _basic_ack_by_client(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    delivery_tag, multiple = arguments
    _settle(heard, channel, delivery_tag, "ack", multiple=bool(multiple & 0b1))


def _basic_nack_by_client(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    delivery_tag, bits = arguments
    multiple, requeue = bool(bits & 0b1), bool(bits & 0b10)
    _settle(heard, channel, delivery_tag, "nack", multiple=multiple, requeue=requeue)


def _basic_reject(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    delivery_tag, requeue = arguments
    _settle(heard, channel, delivery_tag, "reject", requeue=bool(requeue & 0b1))


def _basic_recover(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.recovering_count += 1
    _basic_recover_async(heard, channel, arguments)


def _basic_recover_async(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    # RabbitMQ refuses to recover without requeue and closes the connection.
    if arguments[0]:
        _give_back(heard, channel)


def _give_back(heard: Heard, channel: Channel) -> None:
    if channel.unsettled:
        # It is no part of a transaction, so that no rollback takes it back.
        settled = channel.settle(0, multiple=True, for_good=True)
        _settled(heard, channel, settled, "nack", multiple=True, requeue=True)


def _basic_recover_ok(_heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    channel.recovering_count = max(0, channel.recovering_count - 1)


def _settle(
    heard: Heard,
    channel: Channel,
    delivery_tag: int,
    how: Literal["ack", "nack", "reject"],
    *,
    multiple: bool = False,
    requeue: bool = False,
) -> None:
    settled: Told = channel.settle(delivery_tag, multiple) or ((delivery_tag, (None, None)),)
    _settled(heard, channel, settled, how, multiple=multiple, requeue=requeue)


def _settled(
    heard: Heard,
    channel: Channel,
    settled: Told,
    how: Literal["ack", "nack", "reject"],
    *,
    multiple: bool,
    requeue: bool,
) -> None:
    for tag, (task, queue) in settled:
        heard.events.append(
            Settled(
                at_ns=heard.at_ns,
                client=heard.client,
                connection=heard.connection,
                channel=channel.number,
                task=task,
                delivery_tag=tag,
                how=how,
                requeue=requeue,
                multiple=multiple,
                queue=queue,
            )
        )


CONTENT_FROM_BROKER: dict[str, ContentHandler] = {
    "basic.deliver": _basic_deliver,
    "basic.get-ok": _basic_get_ok,
}
FROM_CLIENT: dict[str, Handler] = {
    "basic.qos": _basic_qos,
    "basic.consume": _basic_consume,
    "basic.cancel": _basic_cancel_by_client,
    "basic.get": _basic_get,
    "basic.ack": _basic_ack_by_client,
    "basic.reject": _basic_reject,
    "basic.nack": _basic_nack_by_client,
    "basic.recover": _basic_recover,
    "basic.recover-async": _basic_recover_async,
}
FROM_BROKER: dict[str, Handler] = {
    "basic.qos-ok": _basic_qos_ok,
    "basic.consume-ok": _basic_consume_ok,
    "basic.cancel": _basic_cancel_by_broker,
    "basic.cancel-ok": _basic_cancel_ok,
    "basic.get-empty": _basic_get_empty,
    "basic.recover-ok": _basic_recover_ok,
}
