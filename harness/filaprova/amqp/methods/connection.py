"""Connections and channels: how they begin, are blocked, and end."""

from __future__ import annotations

from typing import Any

from filaprova.amqp.agreed import Arguments, Channel, shares_global_qos
from filaprova.amqp.heard import Handler, Heard
from filaprova.record.wire import (
    ChannelClosed,
    ChannelOpened,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
)

NAME_LIMIT = 256
"""Characters that are kept of what a broker or client library calls itself, and its version; every
other name is a short string."""


def _connection_start(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    _, _, properties, _, _ = arguments
    heard.product, heard.version = _names(properties)
    heard.shares_global_qos = shares_global_qos(heard.product, heard.version)


def _connection_start_ok(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    properties, _, _, _ = arguments
    heard.client_product, heard.client_version = _names(properties)


def _connection_tune_ok(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    _, heard.frame_max_bytes, heard.heartbeat_s = arguments


def _connection_open(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    heard.vhost, _, _ = arguments


def _connection_open_ok(heard: Heard, _channel: Channel, _arguments: Arguments) -> None:
    heard.events.append(
        ConnectionOpened(
            at_ns=heard.at_ns,
            client=heard.client,
            connection=heard.connection,
            vhost=heard.vhost,
            heartbeat_s=heard.heartbeat_s,
            frame_max_bytes=heard.frame_max_bytes,
            broker_product=heard.product,
            broker_version=heard.version,
            client_product=heard.client_product,
            client_version=heard.client_version,
        )
    )


def _connection_close(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    code, text, _, _ = arguments
    for channel in heard.channels.values():
        channel.let_go()
    heard.events.append(
        ConnectionClosed(
            at_ns=heard.at_ns,
            client=heard.client,
            connection=heard.connection,
            by=heard.side,
            code=code,
            text=text,
        )
    )


def _connection_blocked(heard: Heard, _channel: Channel, arguments: Arguments) -> None:
    heard.events.append(
        ConnectionBlocked(
            at_ns=heard.at_ns,
            client=heard.client,
            connection=heard.connection,
            reason=arguments[0],
        )
    )


def _connection_unblocked(heard: Heard, _channel: Channel, _arguments: Arguments) -> None:
    heard.events.append(
        ConnectionUnblocked(at_ns=heard.at_ns, client=heard.client, connection=heard.connection)
    )


def _channel_open(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    del heard.channels[channel.number]  # what comes next on it begins anew


def _channel_open_ok(heard: Heard, channel: Channel, _arguments: Arguments) -> None:
    heard.record(ChannelOpened, channel)


def _channel_close(heard: Heard, channel: Channel, arguments: Arguments) -> None:
    code, text, _, _ = arguments
    channel.let_go()
    heard.record(ChannelClosed, channel, by=heard.side, code=code, text=text)


def _names(properties: dict[str, Any]) -> tuple[str, str]:
    """Return what one side calls itself, and its version; empty where it does not say."""
    product, version = properties.get("product", ""), properties.get("version", "")
    return str(product)[:NAME_LIMIT], str(version)[:NAME_LIMIT]


FROM_EITHER: dict[str, Handler] = {
    "connection.close": _connection_close,
    "channel.close": _channel_close,
}
FROM_CLIENT: dict[str, Handler] = {
    "connection.start-ok": _connection_start_ok,
    "connection.tune-ok": _connection_tune_ok,
    "connection.open": _connection_open,
    "channel.open": _channel_open,
}
FROM_BROKER: dict[str, Handler] = {
    "connection.start": _connection_start,
    "connection.open-ok": _connection_open_ok,
    "connection.blocked": _connection_blocked,
    "connection.unblocked": _connection_unblocked,
    "channel.open-ok": _channel_open_ok,
}
