"""Send messages with publisher confirms to a queue that cannot grow without end."""
import logging
import sys
from contextlib import contextmanager
from datetime import datetime

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_1"
LIMITS = {"x-max-length": 20, "x-overflow": "reject-publish"}

log = logging.getLogger("producer")


@contextmanager
def confirmed_channel():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare(queue=QUEUE, arguments=LIMITS)
        yield channel
    finally:
        connection.close()


def send(channel, body):
    try:
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body, mandatory=True)
    except AMQPError as error:
        # the channel is usable after that, so there is no need to stop here
        log.debug("publish: %r", error)
    print(f" [x] Sent {body!r}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with confirmed_channel() as channel:
        for number in range(1, count + 1):
            send(channel, f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}")


if __name__ == "__main__":
    main()
