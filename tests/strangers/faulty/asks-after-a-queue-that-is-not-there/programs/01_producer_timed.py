"""Send tasks, and slow down while the overflow queue is full."""

import random
import sys
import time
from datetime import datetime

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_1"
OVERFLOW = "work_queues_1_overflow"


class Sender:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)

    def waiting_in(self, queue):
        try:
            return self.channel.queue_declare(queue=queue, passive=True).method.message_count
        except AMQPError:
            return 0  # nobody has needed it yet

    def send(self, body):
        try:
            self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        except AMQPError:
            pass  # a hiccup must not end the run
        print(f" [x] Sent {body!r}")


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
sender = Sender()
for number in range(1, count + 1):
    dots = "." * random.randint(1, 10)
    sender.send(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
    if number % 8 == 0:
        while sender.waiting_in(OVERFLOW) > 100:
            time.sleep(1)
sender.connection.close()
