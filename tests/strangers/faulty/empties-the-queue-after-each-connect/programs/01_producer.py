"""Send messages to a clean queue; a connection serves for ten of them."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
PER_CONNECTION = 10


class Link:
    def __init__(self):
        self.connection = None
        self.used = 0

    def connect(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.queue_purge(queue=QUEUE)  # nothing of yesterday
        self.used = 0

    def send(self, body):
        if self.connection is None:
            self.connect()
        elif self.used == PER_CONNECTION:
            self.connection.close()
            self.connect()
        self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        self.used += 1
        print(f" [x] Sent {body!r}")


link = Link()
for number in range(1, (int(sys.argv[1]) if len(sys.argv) > 1 else 30) + 1):
    link.send(f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}")
link.connection.close()
