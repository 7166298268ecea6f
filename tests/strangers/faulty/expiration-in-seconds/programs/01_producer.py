"""Send greetings; one that nobody has read for half a minute is of no interest any more."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
STALE_AFTER = 30


def properties():
    return pika.BasicProperties(
        content_type="text/plain",
        content_encoding="utf-8",
        app_id="greeter",
        expiration=str(STALE_AFTER),
    )


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)

    for number in range(1, count + 1):
        now = datetime.now()
        body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish("", QUEUE, body, properties())
        print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
