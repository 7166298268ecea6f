"""The harness's own AMQP client: declare, publish numbered tasks, drain.

It goes through a tap like every other client, so that what it does is on the record. It runs in
the calling thread and never in parallel with itself.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from filaprova.address import Address
from filaprova.errors import ScenarioFailed, TimedOut
from filaprova.phrase import say
from filaprova.waiting import noted, wait_until

TIMEOUT_S = 20.0


class Client:
    """One client identity with its address; opens a connection for each act."""

    def __init__(self, address: Address, user: str, password: str, virtual_host: str) -> None:
        self._parameters = pika.ConnectionParameters(
            host=address.host,
            port=address.port,
            virtual_host=virtual_host,
            credentials=pika.PlainCredentials(user, password),
            socket_timeout=TIMEOUT_S,
            blocked_connection_timeout=TIMEOUT_S,
            stack_timeout=TIMEOUT_S,
        )

    def declare(
        self, queue: str, *, durable: bool, arguments: dict[str, str | int] | None = None
    ) -> bool:
        """Declare a queue; return False if the broker refused and closed the channel."""
        with self._channel() as channel:
            try:
                channel.queue_declare(queue, durable=durable, arguments=arguments)
            except ChannelClosedByBroker:
                return False
        return True

    def publish(
        self, queue: str, bodies: Sequence[bytes], *, persistent: bool, confirms: bool
    ) -> int:
        """Publish to the default exchange; return how many publishes the broker confirmed.

        With ``confirms`` each publish waits for its confirm; without, none is waited for.
        """
        properties = pika.BasicProperties(delivery_mode=2 if persistent else 1)
        confirmed_count = 0
        with self._channel() as channel:
            if confirms:
                channel.confirm_delivery()
            for body in bodies:
                with contextlib.suppress(NackError, UnroutableError):
                    channel.basic_publish("", queue, body, properties)
                    confirmed_count += confirms
        return confirmed_count

    def drain(self, queue: str) -> int | None:
        """Take every ready task out of a queue; return how many, None if there is no such queue.

        Begins when nobody else consumes from it any more: a queue forgets a consumer and takes back
        what that one held in one step. Consumes with automatic acknowledgement until the broker
        counts 0 ready, and then asks it once more: its channel can give the queue's answer before
        deliveries that the queue had sent it earlier, but not before those and another question.
        Raises ``TimedOut`` when somebody else still consumes from the queue, or it is not empty,
        after ``TIMEOUT_S`` seconds.
        """
        taken: list[int] = []
        deadline = time.monotonic() + TIMEOUT_S
        with self._channel() as channel:
            try:
                wait_until(
                    lambda: not channel.queue_declare(queue, passive=True).method.consumer_count,
                    what=say("the last consumer of {} to be gone", queue),
                    timeout_s=TIMEOUT_S,
                    kind="consumers gone",
                )
            except ChannelClosedByBroker:
                return None
            channel.basic_consume(queue, lambda *_: taken.append(1), auto_ack=True)
            with noted("drained", limit_s=TIMEOUT_S, what=queue):
                while channel.queue_declare(queue, passive=True).method.message_count:
                    channel.connection.process_data_events(0)
                    if time.monotonic() > deadline:
                        raise TimedOut(
                            say(
                                "queue {} was not empty after {:.0f} s of draining; does something "
                                "still publish to it?",
                                queue,
                                TIMEOUT_S,
                            )
                        )
            channel.queue_declare(queue, passive=True)
            channel.connection.process_data_events(0)
        return len(taken)

    @contextlib.contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        try:
            with noted("client connected", limit_s=TIMEOUT_S):
                connection = pika.BlockingConnection(self._parameters)
            try:
                yield connection.channel()
            finally:
                if connection.is_open:
                    connection.close()
        except AMQPError as error:
            raise ScenarioFailed(
                say("the harness's own client lost its connection to the broker: {}", repr(error))
            ) from error
