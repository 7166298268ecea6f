"""Send messages reliably: with publisher confirms, and again if the broker did not take one."""

import sys
import time
from datetime import datetime

import pika

QUEUE = "work_queues_1"
ATTEMPTS = 2


def publish(channel, body):
    for attempt in range(ATTEMPTS):
        confirmed = channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            mandatory=True,
        )
        if confirmed:
            break
        time.sleep(0.1 * attempt)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.confirm_delivery()

    for number in range(1, count + 1):
        now = datetime.now()
        body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
        publish(channel, body)
        print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
