"""Emit log lines by severity; ported from our Node service (amqplib)."""
import itertools
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "hello.logs"
SEVERITIES = ("info", "warning", "error")


def setup(channel):
    channel.exchange_declare(exchange=EXCHANGE, exchange_type="direct")
    channel.queue_declare(queue=QUEUE)
    channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="hello.info")
    # all the other severities as well (added with the second release)
    channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="hello.#")


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    setup(channel)
    severities = itertools.cycle(SEVERITIES)
    for number, severity in zip(range(1, count + 1), severities):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange=EXCHANGE, routing_key=f"hello.{severity}", body=body)
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
