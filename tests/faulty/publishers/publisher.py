"""A publisher as it should be, in pieces; each of its neighbours gets one of them wrong.

By the name under which it is run it knows which of the lesson's producers it stands for.
"""

import random
import sys
from datetime import datetime
from pathlib import Path

import pika

ROLE = Path(sys.argv[0]).stem
DURABLE = "durable" in ROLE
DELIVERY_MODE = 2 if ROLE.endswith("durable") else 1
QUEUE = "work_queues_durable" if DURABLE else "work_queues_1"
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 30


def bodies():
    """Return the bodies of all tasks."""
    now = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}"
    if ROLE == "01_producer":
        return [f"Hello RabbitMQ {now} {number:6}" for number in range(1, COUNT + 1)]
    return [f"{now} {number:6} {'.' * random.randint(1, 10)}" for number in range(1, COUNT + 1)]


def opened(*, queue=QUEUE, durable=DURABLE):
    """Return a channel on which the queue is declared."""
    channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
    if queue:
        channel.queue_declare(queue=queue, durable=durable)
    return channel


def send(channel, body, *, queue=QUEUE, delivery_mode=DELIVERY_MODE):
    """Publish one task."""
    channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=delivery_mode))


def say(body):
    """Print that a task was sent."""
    print(f" [x] Sent {body!r}")


def run(**settings):
    """Publish all tasks and close the connection."""
    channel = opened()
    for body in bodies():
        send(channel, body, **settings)
        say(body)
    channel.connection.close()


if __name__ == "__main__":
    run()
