"""Ask a broker over AMQP: whether it is ready, what it is, and what a queue holds.

A completed handshake is the only readiness there is: a published port of a container accepts TCP
long before the broker behind it listens. A passive declare counts what is ready exactly, for every
type of queue and in a few milliseconds; it cannot tell what is unacked.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Iterator
from typing import Literal

import msgspec
import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionClosedByBroker

from filaprova.address import Address
from filaprova.amqp.frames import PROTOCOL_HEADER, Frame, FrameReader, UndecodableBytesError
from filaprova.brokers.broker import Credentials
from filaprova.errors import EnvironmentMissing
from filaprova.phrase import say
from filaprova.waiting import noted

ANSWER_LIMIT_S = 5.0
NOT_FOUND = 404
INTERNAL_ERROR = 541


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker says about itself in connection.start."""

    product: str
    version: str
    erlang_version: str


class QueueCount(msgspec.Struct, frozen=True, kw_only=True):
    """What a passive declare tells about a queue."""

    exists: bool
    ready_count: int = 0
    consumer_count: int = 0


def greet(address: Address) -> Greeting | None:
    """Return how the broker introduces itself; None while nothing there speaks AMQP 0-9-1."""
    reader = FrameReader(expects_protocol_header=False)
    try:
        with socket.create_connection(address, timeout=ANSWER_LIMIT_S) as connection:
            connection.sendall(PROTOCOL_HEADER)
            while chunk := connection.recv(1 << 16):
                for frame in reader.receive(chunk):
                    return _greeting(frame)
    except (OSError, UndecodableBytesError):
        pass
    return None


def handshake(address: Address, credentials: Credentials, virtual_host: str) -> Greeting | None:
    """Return the broker's greeting once a whole handshake succeeds; None while it does not."""
    greeting = greet(address)
    if greeting is not None:
        try:
            _connect(address, credentials, virtual_host).close()
        except (AMQPError, OSError):
            return None
    return greeting


def refusal(address: Address, credentials: Credentials, virtual_host: str) -> str | None:
    """Return why the broker refuses a connection, in its own words; None: it does not."""
    try:
        _connect(address, credentials, virtual_host).close()
    except (AMQPError, OSError) as error:
        return f"{type(error).__name__} {error}".strip()
    return None


def count_queue(
    address: Address, credentials: Credentials, virtual_host: str, queue: str
) -> QueueCount:
    """Count a queue over a short connection of its own (some 5 ms).

    Raises ``EnvironmentMissing`` if the broker does not answer or refuses.
    """
    with _channel(address, credentials, virtual_host) as channel:
        try:
            counted = channel.queue_declare(queue, passive=True).method
        except ChannelClosedByBroker as error:
            if error.reply_code != NOT_FOUND:
                raise
            return QueueCount(exists=False)
    return QueueCount(
        exists=True,
        ready_count=counted.message_count,
        consumer_count=counted.consumer_count,
    )


def delete(
    address: Address,
    credentials: Credentials,
    virtual_host: str,
    kind: Literal["queue", "exchange"],
    name: str,
) -> None:
    """Delete a queue with all it holds, or an exchange that nothing is bound to any more.

    One that is gone, or that the user may not delete, is let be.

    Raises ``EnvironmentMissing`` if the broker does not answer.
    """
    with (
        _channel(address, credentials, virtual_host) as channel,
        contextlib.suppress(ChannelClosedByBroker),
    ):
        if kind == "queue":
            channel.queue_delete(name)
        else:
            channel.exchange_delete(name, if_unused=True)


def transient_queues_denied(address: Address, credentials: Credentials, virtual_host: str) -> bool:
    """Tell whether the broker refuses a queue that is neither durable nor exclusive.

    Upstream 4.3 and later do by default (deprecated feature ``transient_nonexcl_queues``): the
    declaration closes the connection with 541. Nothing can be inferred from the version, since
    distributions change that default; so one is declared, and deleted.
    """
    with _channel(address, credentials, virtual_host) as channel:
        queue = f"filaprova-probe-{secrets.token_hex(4)}"
        try:
            channel.queue_declare(queue, durable=False, arguments={"x-expires": 60_000})
        except ConnectionClosedByBroker as error:
            if error.reply_code != INTERNAL_ERROR:
                raise
            return True
        channel.queue_delete(queue)
    return False


@contextlib.contextmanager
def probe_queue(address: Address, credentials: Credentials, virtual_host: str) -> Iterator[str]:
    """Have a queue that no other broker has, and give its name; it is gone afterwards."""
    with _channel(address, credentials, virtual_host) as channel:
        name = f"filaprova-probe-{secrets.token_hex(4)}"
        channel.queue_declare(name, exclusive=True)
        yield name


def _greeting(frame: Frame) -> Greeting | None:
    if frame.method != "connection.start":
        return None
    properties = frame.arguments()[2]
    return Greeting(
        product=str(properties.get("product", "unknown")),
        version=str(properties.get("version", "unknown")),
        erlang_version=str(properties.get("platform", "unknown")).removeprefix("Erlang/OTP "),
    )


def _connect(
    address: Address, credentials: Credentials, virtual_host: str
) -> pika.BlockingConnection:
    parameters = pika.ConnectionParameters(
        host=address.host,
        port=address.port,
        virtual_host=virtual_host,
        credentials=pika.PlainCredentials(credentials.user, credentials.password),
        socket_timeout=ANSWER_LIMIT_S,
        stack_timeout=ANSWER_LIMIT_S,
        blocked_connection_timeout=ANSWER_LIMIT_S,
        client_properties={"connection_name": "filaprova inspection"},
    )
    with noted("broker's answer", limit_s=ANSWER_LIMIT_S):
        return pika.BlockingConnection(parameters)


@contextlib.contextmanager
def _channel(
    address: Address, credentials: Credentials, virtual_host: str
) -> Iterator[BlockingChannel]:
    try:
        connection = _connect(address, credentials, virtual_host)
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()
    except (AMQPError, OSError) as error:
        raise EnvironmentMissing(
            say(
                "the broker at {}:{} did not answer a question: {}",
                address.host,
                str(address.port),
                repr(error),
            )
        ) from error
