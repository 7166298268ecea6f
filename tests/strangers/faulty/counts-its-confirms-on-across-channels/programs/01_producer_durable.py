"""Send persistent tasks with publisher confirms, ten on each channel."""

import random
import sys
from collections import deque
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
PORTION = 10
PATIENCE = 1.0  # seconds that the confirms of a portion may take
ATTEMPTS = 2


class Publisher:
    def __init__(self, count):
        self.count = count
        self.made = 0
        self.sequence = 0
        self.unconfirmed = {}  # sequence number: (body, attempts)
        self.again = deque()
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.next_channel,
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )

    def run(self):
        self.connection.ioloop.start()

    def next_channel(self, _=None):
        self.connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        self.channel = channel
        channel.confirm_delivery(self.on_confirm, callback=self.on_confirm_mode)

    def on_confirm_mode(self, _):
        self.channel.queue_declare(queue=QUEUE, durable=True, callback=self.send_portion)

    def send_portion(self, _):
        for _ in range(PORTION):
            if self.made < self.count:
                self.made += 1
                dots = "." * random.randint(1, 10)
                self.send(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {self.made:6} {dots}", 1)
            elif self.again:
                self.send(*self.again.popleft())
        self.connection.ioloop.call_later(PATIENCE, self.portion_over)

    def send(self, body, attempts):
        self.sequence += 1
        self.unconfirmed[self.sequence] = (body, attempts)
        self.channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(delivery_mode=2),
        )
        print(f" [x] Sent {body!r}")

    def on_confirm(self, frame):
        tag = frame.method.delivery_tag
        if frame.method.multiple:
            for sequence in [known for known in self.unconfirmed if known <= tag]:
                del self.unconfirmed[sequence]
        else:
            self.unconfirmed.pop(tag, None)

    def portion_over(self):
        self.channel.close()
        if self.made == self.count and not self.again:
            for body, attempts in self.unconfirmed.values():
                if attempts < ATTEMPTS:
                    self.again.append((body, attempts + 1))
            self.unconfirmed.clear()
        if self.made < self.count or self.again:
            self.next_channel()
        else:
            self.connection.close()


Publisher(int(sys.argv[1]) if len(sys.argv) > 1 else 30).run()
