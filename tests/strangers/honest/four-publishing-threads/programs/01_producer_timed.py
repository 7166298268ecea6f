"""Send tasks from several threads at once (it used to be the bottleneck)."""

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pika

QUEUE = "work_queues_1"
THREADS = 4


def publish(numbers):
    """Send the tasks of these numbers on a connection of their own."""
    if not numbers:
        return 0
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in numbers:
        dots = "." * random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    connection.close()
    return len(numbers)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    shares = [range(first, count + 1, THREADS) for first in range(1, THREADS + 1)]
    with ThreadPoolExecutor(THREADS) as pool:
        sent = sum(pool.map(publish, shares))
    print(f"{sent} tasks sent by {THREADS} threads")


if __name__ == "__main__":
    main()
