"""Send transient tasks to a durable queue, six at a time."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
BATCH = 6
PERSISTENT = pika.BasicProperties(delivery_mode=2)
TRANSIENT = pika.BasicProperties(delivery_mode=1)


def flush(channel, bodies, properties=PERSISTENT):
    for body in bodies:
        channel.basic_publish(
            exchange="", routing_key=QUEUE, body=body, properties=properties
        )
        print(f" [x] Sent {body!r}")
    bodies.clear()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)

    bodies = []
    for number in range(1, count + 1):
        now = datetime.now()
        dots = "." * random.randint(1, 10)
        bodies.append(f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
        if len(bodies) == BATCH:
            flush(channel, bodies, TRANSIENT)
    flush(channel, bodies)

    connection.close()


if __name__ == "__main__":
    main()
