import os
import socket
import time
from contextlib import contextmanager
from itertools import count

import pika
from pika.exceptions import AMQPChannelError, AMQPConnectionError

QUEUE = "work_queues_durable"
CONNECTION_ERRORS = (AMQPConnectionError, AMQPChannelError, socket.gaierror, OSError)


class MessageStateError(Exception):
    pass


class Message:
    """A delivery that can be settled once."""

    def __init__(self, channel, tag, body):
        self.channel, self.tag, self.body = channel, tag, body
        self._state = "RECEIVED"

    @property
    def acknowledged(self):
        return self._state in {"ACK", "REJECTED", "REQUEUED"}

    def _settle(self, state, how, *arguments):
        if self.acknowledged:
            raise MessageStateError(f"message already acknowledged with state: {self._state}")
        how(self.tag, *arguments)
        self._state = state

    def ack(self):
        self._settle("ACK", self.channel.basic_ack)

    def requeue(self):
        self._settle("REQUEUED", self.channel.basic_reject, True)


class ConsumerMixin:
    should_stop = False

    def get_consumers(self, channel):
        raise NotImplementedError

    def on_connection_error(self, error, interval):
        print(f"Broker connection error, trying again in {interval} seconds: {error!r}", flush=True)

    def on_connection_revived(self):
        pass

    def on_consume_ready(self):
        pass

    def establish_connection(self):
        for interval in count(2, 2):
            try:
                return pika.BlockingConnection(pika.ConnectionParameters("localhost"))
            except CONNECTION_ERRORS as error:
                self.on_connection_error(error, min(interval, 30))
                time.sleep(min(interval, 30))

    @contextmanager
    def consumer_context(self):
        connection = self.establish_connection()
        self.on_connection_revived()
        channel = connection.channel()
        for queue, callback in self.get_consumers(channel):
            channel.basic_consume(
                queue, lambda ch, m, p, body, on=callback: on(body, Message(ch, m.delivery_tag, body))
            )
        self.on_consume_ready()
        yield connection

    def consume(self):
        with self.consumer_context() as connection:
            while not self.should_stop:
                connection.process_data_events(time_limit=1)

    def run(self):
        while not self.should_stop:
            try:
                self.consume()
            except CONNECTION_ERRORS:
                print("Connection to broker lost, trying to re-establish connection...", flush=True)


class Worker(ConsumerMixin):
    def get_consumers(self, channel):
        channel.queue_declare(QUEUE, durable=True)
        return [(QUEUE, self.on_task)]

    def on_consume_ready(self):
        print(f"Ready, consuming {QUEUE}", flush=True)

    def on_task(self, body, message):
        print(f"Received task: {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(f"Done with task: {body!r}", flush=True)
        message.ack()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
