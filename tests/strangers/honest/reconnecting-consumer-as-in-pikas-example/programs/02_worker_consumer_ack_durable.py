"""Asynchronous consumer that is replaced by a new one when its connection is lost."""
import os
import threading
import time
from collections import deque

import pika


class ExampleConsumer:
    QUEUE = "work_queues_durable"

    def __init__(self):
        self.should_reconnect = False
        self._backlog = deque()
        self._connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.on_connection_open,
            on_open_error_callback=self.on_connection_lost,
            on_close_callback=self.on_connection_lost,
        )

    def on_connection_open(self, connection):
        connection.channel(on_open_callback=self.on_channel_open)

    def on_connection_lost(self, connection, reason):
        self.should_reconnect = True
        connection.ioloop.stop()

    def on_channel_open(self, channel):
        self._channel = channel
        channel.add_on_close_callback(self.on_channel_closed)
        channel.queue_declare(queue=self.QUEUE, durable=True, callback=self.on_declared)

    def on_channel_closed(self, channel, reason):
        if not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()

    def on_declared(self, frame):
        self._channel.basic_consume(self.QUEUE, self.on_message, callback=self.on_consume_ok)

    def on_consume_ok(self, frame):
        print(" [*] Waiting for messages. To exit press CTRL+C")

    def on_message(self, channel, method, properties, body):
        self._backlog.append((method.delivery_tag, body))
        if len(self._backlog) == 1:
            self._connection.ioloop.call_later(0, self.work)

    def work(self):
        """Do one task; the loop gets its turn before the next one, so that acks go out."""
        if not self._channel.is_open:
            return
        delivery_tag, body = self._backlog[0]
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        self._channel.basic_ack(delivery_tag)
        self._backlog.popleft()
        if self._backlog:
            self._connection.ioloop.call_later(0, self.work)

    def run(self):
        self._connection.ioloop.start()


class ReconnectingExampleConsumer:
    def run(self):
        while True:
            consumer = ExampleConsumer()
            consumer.run()
            if not consumer.should_reconnect:
                break
            threading.Event().wait(0.2)


if __name__ == "__main__":
    try:
        ReconnectingExampleConsumer().run()
    except KeyboardInterrupt:
        os._exit(0)
