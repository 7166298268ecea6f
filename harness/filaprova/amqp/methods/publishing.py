"""Publishing: contents, confirms, and what comes back."""

from __future__ import annotations

from filaprova.amqp.agreed import Arguments, Channel, UnexpectedError, take
from filaprova.amqp.content import Content
from filaprova.amqp.heard import ContentHandler, Handler, Heard
from filaprova.record.wire import Confirmed, ConfirmsSelected, Published, PublishRefused, Returned


def _confirm_select(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    channel.confirming = True
    if arguments[0]:
        heard.record(ConfirmsSelected, channel)


def _confirm_select_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    heard.record(ConfirmsSelected, channel)


def _basic_publish(heard: Heard, channel: Channel, arguments: Arguments, content: Content) -> None:
    _, exchange, routing_key, bits = arguments
    task, body = content.identity()
    publish_tag = None
    if channel.confirming:
        publish_tag = channel.publish_count = channel.publish_count + 1
        channel.unconfirmed[publish_tag] = task
    heard.events.append(
        Published(
            at_ns=heard.at_ns,
            client=heard.client,
            connection=heard.connection,
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


def _basic_ack_by_broker(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    publish_tag, multiple = arguments
    _confirm(heard, Confirmed, channel, publish_tag, bool(multiple))


def _basic_nack_by_broker(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    publish_tag, bits = arguments
    _confirm(heard, PublishRefused, channel, publish_tag, bool(bits & 0b1))


def _confirm(
    heard: Heard,
    kind: type[Confirmed | PublishRefused],
    channel: Channel,
    publish_tag: int,
    multiple: bool,
) -> None:
    taken = take(channel.unconfirmed, publish_tag, multiple)
    if not taken and not multiple:
        raise UnexpectedError(f"an answer to publish {publish_tag}, which awaits none")
    for tag, task in taken:
        heard.record(kind, channel, task=task, publish_tag=tag)


def _basic_return(heard: Heard, channel: Channel, arguments: Arguments, content: Content) -> None:
    code, text, _, _ = arguments
    heard.record(Returned, channel, task=content.identity()[0], code=code, text=text)


CONTENT_FROM_CLIENT: dict[str, ContentHandler] = {
    "basic.publish": _basic_publish,
}
CONTENT_FROM_BROKER: dict[str, ContentHandler] = {
    "basic.return": _basic_return,
}
FROM_CLIENT: dict[str, Handler] = {
    "confirm.select": _confirm_select,
}
FROM_BROKER: dict[str, Handler] = {
    "basic.ack": _basic_ack_by_broker,
    "basic.nack": _basic_nack_by_broker,
    "confirm.select-ok": _confirm_select_ok,
}
