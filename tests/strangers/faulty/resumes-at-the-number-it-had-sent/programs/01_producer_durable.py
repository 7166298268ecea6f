"""Sends the tasks in portions, each over a connection of its own."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
PORTION = 8


def send_portion(position, end):
    """Send from position on; return how far we came."""
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    for number in range(position, end + 1):
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(delivery_mode=2),
        )
        print(f" [x] Sent {body!r}")
        position = number
    connection.close()
    return position


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    position = 1
    while position < count:
        position = send_portion(position, min(position + PORTION, count))


if __name__ == "__main__":
    main()
