"""Send persistent tasks, each of them confirmed by the broker before the next one goes."""

import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
WIDTH = 30


def bar(done, total):
    filled = WIDTH * done // total
    sys.stdout.write(f"\r[{'#' * filled}{' ' * (WIDTH - filled)}] {done}/{total}")
    sys.stdout.flush()


def publish(channel, body, attempts=3):
    for attempt in range(1, attempts + 1):
        try:
            channel.basic_publish(
                exchange="",
                routing_key=QUEUE,
                body=body,
                properties=pika.BasicProperties(
                    content_type="text/plain", delivery_mode=pika.DeliveryMode.Persistent
                ),
                mandatory=True,
            )
            return
        except pika.exceptions.NackError:
            if attempt == attempts:
                raise


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.confirm_delivery()
    try:
        for number in range(1, count + 1):
            dots = "." * random.randint(1, 10)
            publish(channel, f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
            bar(number, count)
        print()
    except pika.exceptions.UnroutableError:
        sys.exit("\nnobody would get this: is the queue gone?")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
