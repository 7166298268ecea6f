"""Collect messages in a staging queue, and forward them when they are complete."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def stage(channel, count):
    staging = channel.queue_declare(queue="", exclusive=True).method.queue
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange="", routing_key=staging, body=body)
    return staging


def forward(channel, staging, count):
    for method, properties, body in channel.consume(staging):
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        channel.basic_ack(method.delivery_tag)
        print(f" [x] Sent {body.decode()!r}")
        count -= 1
        if not count:
            break
    channel.cancel()


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    forward(channel, stage(channel, count), count)
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
