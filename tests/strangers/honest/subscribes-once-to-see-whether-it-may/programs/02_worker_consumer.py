"""Receive messages; fail early if this user may not consume."""
import logging
import os
import sys

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_1"

logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
log = logging.getLogger("receiver")


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")


def probe(channel):
    """Subscribe and cancel: raises if that is refused."""
    try:
        tag = channel.basic_consume(QUEUE, on_message, auto_ack=True, consumer_tag="probe")
    except ChannelClosedByBroker as closed:
        log.critical("may not consume from %s: %s", QUEUE, closed)
        sys.exit(77)
    for method, properties, body in channel.basic_cancel(tag):
        on_message(channel, method, properties, body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    probe(channel)
    channel.basic_consume(QUEUE, on_message, auto_ack=True, consumer_tag="receiver")
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
