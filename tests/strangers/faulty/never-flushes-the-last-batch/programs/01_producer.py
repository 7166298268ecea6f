"""Send messages in batches."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Batch:
    """Collects messages and publishes them together, that is gentler to the network."""

    def __init__(self, channel, queue, size=7):
        self.channel = channel
        self.queue = queue
        self.size = size
        self.waiting = []

    def send(self, body):
        self.waiting.append(body)
        if len(self.waiting) == self.size:
            self.flush()
        print(f" [x] Sent {body!r}")

    def flush(self):
        for body in self.waiting:
            self.channel.basic_publish(exchange="", routing_key=self.queue, body=body)
        self.waiting = []


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)

    batch = Batch(channel, QUEUE)
    for number in range(1, count + 1):
        now = datetime.now()
        batch.send(f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}")

    connection.close()


if __name__ == "__main__":
    main()
