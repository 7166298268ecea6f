"""Persistent tasks with a time to live that grows with their weight."""

import logging
import random
import sys
from datetime import datetime

import pika
from pika.exceptions import AMQPChannelError

QUEUE = "work_queues_durable"
MINUTES_PER_DOT = 4.0

logging.basicConfig(format="%(asctime)s %(levelname)-7s %(message)s", level=logging.INFO)
logging.getLogger("pika").setLevel(logging.CRITICAL)
log = logging.getLogger("producer")


def milliseconds(minutes):
    """RabbitMQ wants a text without a decimal point."""
    return f"{minutes * 60_000:g}"


class Producer:
    def __init__(self, connection):
        self.connection = connection
        self.channel = None
        self.open()

    def open(self):
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.confirm_delivery()

    def send(self, body, weight):
        properties = pika.BasicProperties(
            delivery_mode=2, expiration=milliseconds(weight * MINUTES_PER_DOT)
        )
        log.info("[x] Sent %r", body)
        try:
            self.channel.basic_publish("", QUEUE, body.encode(), properties)
        except AMQPChannelError:
            log.debug("channel was closed, opening another", exc_info=True)
            self.open()


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    producer = Producer(connection)
    for number in range(1, count + 1):
        weight = random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * weight}"
        producer.send(body, weight)
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
