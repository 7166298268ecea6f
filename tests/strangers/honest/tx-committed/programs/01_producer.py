"""Send greetings, ten in a transaction: either all ten are there or none."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
SIZE = 10


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.tx_select()
    numbers = list(range(1, count + 1))
    for start in range(0, count, SIZE):
        bodies = []
        for number in numbers[start : start + SIZE]:
            body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
            channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            bodies.append(body)
        channel.tx_commit()
        for body in bodies:
            print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
