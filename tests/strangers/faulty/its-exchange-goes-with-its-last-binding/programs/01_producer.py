"""Send messages in batches of ten; each batch has a route of its own, which is taken down after it."""

import logging
import sys
from contextlib import contextmanager
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "batches"

logging.basicConfig(level=logging.WARNING)


@contextmanager
def route(channel, key):
    """Bind the queue for as long as the batch takes."""
    channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key=key)
    try:
        yield key
    finally:
        if channel.is_open:
            channel.queue_unbind(queue=QUEUE, exchange=EXCHANGE, routing_key=key)


def batches(count, size=10):
    numbers = list(range(1, count + 1))
    for start in range(0, count, size):
        yield start // size + 1, numbers[start : start + size]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    # nobody shall have to clean up after us
    channel.exchange_declare(exchange=EXCHANGE, exchange_type="direct", durable=True, auto_delete=True)

    for batch, numbers in batches(count):
        with route(channel, f"batch.{batch}") as key:
            for number in numbers:
                body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
                channel.basic_publish(exchange=EXCHANGE, routing_key=key, body=body)
                print(f" [x] Sent {body!r}")
        print(f" [*] Batch {batch} is out")

    connection.close()


if __name__ == "__main__":
    main()
