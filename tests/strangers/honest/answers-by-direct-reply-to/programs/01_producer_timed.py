"""Send tasks and wait until each has been answered."""
import random
import sys
import time
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"
REPLY_TO = "amq.rabbitmq.reply-to"
PATIENCE_S = 15


class Client:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(REPLY_TO, self.on_reply, auto_ack=True)
        self.waiting = set()

    def on_reply(self, channel, method, properties, body):
        self.waiting.discard(properties.correlation_id)

    def call(self, body):
        about = pika.BasicProperties(reply_to=REPLY_TO, correlation_id=uuid.uuid4().hex)
        self.waiting.add(about.correlation_id)
        self.channel.basic_publish("", QUEUE, body, about)
        print(f" [x] Sent {body!r}")

    def wait(self):
        until = time.monotonic() + PATIENCE_S
        while self.waiting and time.monotonic() < until:
            self.connection.process_data_events(time_limit=0.1)
        print(f"unanswered: {len(self.waiting)}", file=sys.stderr)
        self.connection.close()


if __name__ == "__main__":
    client = Client()
    for number in range(1, (int(sys.argv[1]) if len(sys.argv) > 1 else 30) + 1):
        dots = "." * random.randint(1, 10)
        client.call(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
    client.wait()
