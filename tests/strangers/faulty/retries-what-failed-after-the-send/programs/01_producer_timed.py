"""Send tasks, keep a histogram of their sizes, and be stubborn about failures."""

import functools
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
histogram = [0] * 8


def stubborn(attempts):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            for attempt in range(1, attempts + 1):
                try:
                    return function(*args)
                except Exception as error:
                    print(f" [!] attempt {attempt} failed: {error!r}", file=sys.stderr)

        return wrapper

    return decorate


@stubborn(attempts=3)
def send(channel, body, size):
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")
    histogram[size] += 1


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        size = random.randint(1, 10)
        send(channel, f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * size}", size)
    connection.close()


if __name__ == "__main__":
    main()
