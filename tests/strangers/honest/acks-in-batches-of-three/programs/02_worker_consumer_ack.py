"""Worker that saves round trips: one acknowledgement (multiple) for every three finished tasks."""

import time

import pika

QUEUE = "work_queues_1"
BATCH = 3
PATIENCE = 0.3  # seconds without work after which an incomplete batch is acknowledged, too


class Batch:
    """Finished tasks that the broker does not know of yet."""

    def __init__(self, channel):
        self.channel = channel
        self.last = None
        self.size = 0

    def add(self, tag):
        self.last = tag
        self.size += 1
        if self.size >= BATCH:
            self.flush()

    def flush(self):
        if self.size:
            self.channel.basic_ack(self.last, multiple=True)
            print(f" [=] acknowledged up to {self.last} ({self.size} tasks)", flush=True)
        self.last, self.size = None, 0


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    batch = Batch(channel)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    for method, properties, body in channel.consume(QUEUE, inactivity_timeout=PATIENCE):
        if method is None:
            batch.flush()
            continue
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        batch.add(method.delivery_tag)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
