import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
SLICE = 6


def tasks(count):
    for number in range(1, count + 1):
        now = datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        yield f"{now} {number:6} {'.' * random.randint(1, 10)}"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    todo = list(tasks(count))

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)

    for start in range(0, count, SLICE):
        first, last = start, start + SLICE
        for body in todo[first:last + 1]:
            channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
