import logging
import random
import sys
from datetime import datetime

import pika

LOGGER = logging.getLogger(__name__)


class ExamplePublisher:
    QUEUE = "work_queues_1"
    PUBLISH_INTERVAL = 0.01

    def __init__(self, count):
        self._count = count
        self._connection = None
        self._channel = None
        self._message_number = 0
        self._pending = set()
        self._nacked = 0

    def on_connection_open(self, connection):
        LOGGER.info("Connection opened")
        connection.channel(on_open_callback=self.on_channel_open)

    def on_connection_open_error(self, _connection, error):
        LOGGER.error("Connection open failed: %s", error)
        self._connection.ioloop.stop()

    def on_connection_closed(self, _connection, reason):
        LOGGER.info("Connection closed: %s", reason)
        self._connection.ioloop.stop()

    def on_channel_open(self, channel):
        self._channel = channel
        channel.queue_declare(queue=self.QUEUE, callback=self.on_queue_declareok)

    def on_queue_declareok(self, _frame):
        self._channel.confirm_delivery(self.on_delivery_confirmation, callback=self.on_confirming)

    def on_confirming(self, _frame):
        self.schedule_next_message()

    def schedule_next_message(self):
        if self._message_number < self._count:
            self._connection.ioloop.call_later(self.PUBLISH_INTERVAL, self.publish_message)
        else:
            self.close_when_confirmed()

    def publish_message(self):
        self._message_number += 1
        dots = "." * random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {self._message_number:6} {dots}"
        self._pending.add(self._message_number)
        self._channel.basic_publish("", self.QUEUE, body.encode("utf-8"))
        print(f" [x] Sent {body!r}")
        self.schedule_next_message()

    def on_delivery_confirmation(self, frame):
        method = frame.method
        if isinstance(method, pika.spec.Basic.Nack):
            self._nacked += 1
        if method.multiple:
            self._pending = {tag for tag in self._pending if tag > method.delivery_tag}
        else:
            self._pending.discard(method.delivery_tag)
        self.close_when_confirmed()

    def close_when_confirmed(self):
        if self._message_number == self._count and not self._pending:
            if not (self._connection.is_closing or self._connection.is_closed):
                self._connection.close()

    def run(self):
        self._connection = pika.SelectConnection(
            pika.ConnectionParameters(host="localhost"),
            on_open_callback=self.on_connection_open,
            on_open_error_callback=self.on_connection_open_error,
            on_close_callback=self.on_connection_closed,
        )
        self._connection.ioloop.start()
        return self._nacked == 0 and not self._pending and self._message_number == self._count


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    publisher = ExamplePublisher(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
    sys.exit(0 if publisher.run() else 1)
