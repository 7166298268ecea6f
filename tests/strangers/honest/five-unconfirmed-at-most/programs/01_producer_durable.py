import random
import sys
from collections import OrderedDict
from datetime import datetime

import pika
import pika.exceptions

QUEUE = "work_queues_durable"
WINDOW = 5


class WindowedPublisher:
    """Sends on only while fewer than WINDOW messages wait for the broker's word."""

    def __init__(self, bodies):
        self.bodies = iter(bodies)
        self.exhausted = False
        self.next_tag = 1
        self.outstanding = OrderedDict()
        self.confirmed = 0
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.on_channel),
            on_open_error_callback=self.on_failure,
            on_close_callback=self.on_closed,
        )
        self.failure = None

    def on_failure(self, connection, error):
        self.failure = error
        connection.ioloop.stop()

    def on_closed(self, connection, reason):
        if not isinstance(reason, pika.exceptions.ConnectionClosedByClient):
            self.failure = reason
        connection.ioloop.stop()

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare(QUEUE, durable=True, callback=self.on_declared)

    def on_declared(self, frame):
        self.channel.confirm_delivery(self.on_confirm, callback=lambda frame: self.fill())

    def fill(self):
        while len(self.outstanding) < WINDOW and not self.exhausted:
            body = next(self.bodies, None)
            if body is None:
                self.exhausted = True
            else:
                self.send(body)
        if self.exhausted and not self.outstanding:
            self.connection.close()

    def send(self, body):
        self.outstanding[self.next_tag] = body
        self.next_tag += 1
        self.channel.basic_publish("", QUEUE, body, pika.BasicProperties(delivery_mode=2))

    def on_confirm(self, frame):
        method = frame.method
        if method.multiple:
            tags = [tag for tag in self.outstanding if tag <= method.delivery_tag]
        else:
            tags = [method.delivery_tag]
        settled = [self.outstanding.pop(tag) for tag in tags]
        if isinstance(method, pika.spec.Basic.Ack):
            for body in settled:
                self.confirmed += 1
                print(f" [x] Sent {body!r}", flush=True)
        else:
            for body in settled:
                print(f"the broker refused {body!r}, once more", flush=True)
                self.send(body)
        self.fill()

    def run(self):
        self.connection.ioloop.start()
        if self.failure is not None:
            sys.exit(f"broken off after {self.confirmed} messages: {self.failure!r}")


def tasks(count):
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        yield f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"


if __name__ == "__main__":
    WindowedPublisher(tasks(int(sys.argv[1]) if len(sys.argv) > 1 else 30)).run()
