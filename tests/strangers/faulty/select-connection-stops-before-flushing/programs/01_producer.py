"""Asynchronous producer."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class AsyncProducer:
    def __init__(self, count):
        self.count = count
        self.channel = None
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.on_open,
            on_open_error_callback=self.on_error,
        )

    def on_error(self, connection, error):
        print(f"cannot connect: {error!r}", file=sys.stderr)
        self.connection.ioloop.stop()

    def on_open(self, connection):
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare(queue=QUEUE, callback=self.on_declared)

    def on_declared(self, frame):
        for number in range(1, self.count + 1):
            now = datetime.now()
            body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
            self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            print(f" [x] Sent {body!r}")
        # that is all
        self.connection.ioloop.stop()

    def run(self):
        self.connection.ioloop.start()


if __name__ == "__main__":
    AsyncProducer(int(sys.argv[1]) if len(sys.argv) > 1 else 30).run()
