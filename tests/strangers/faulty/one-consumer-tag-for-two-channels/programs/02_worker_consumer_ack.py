"""Two channels per process, each with a subscription; the tag says in the management UI who we are."""

import logging
import os
import socket
import sys
import time

import pika

QUEUE = "work_queues_1"
CHANNELS = 2

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
logging.getLogger("pika").setLevel(logging.WARNING)
log = logging.getLogger(f"worker.{os.getpid()}")


class Consumers:
    """Knows the channel of each consumer, by its tag."""

    def __init__(self, connection):
        self.connection = connection
        self.channels = {}

    def subscribe(self):
        tag = f"renderer-{socket.gethostname()}-{os.getpid()}"
        channel = self.connection.channel()
        channel.queue_declare(queue=QUEUE)
        self.channels[tag] = channel
        channel.basic_consume(
            queue=QUEUE, on_message_callback=self.on_message, auto_ack=False, consumer_tag=tag
        )

    def on_message(self, _channel, method, _properties, body):
        log.info("Received %r", body)
        time.sleep(body.count(b"."))
        log.info("Done %r", body)
        self.ack(method)

    def ack(self, method):
        self.channels[method.consumer_tag].basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    consumers = Consumers(connection)
    for _ in range(CHANNELS):
        consumers.subscribe()
    log.info("waiting for messages on %d channels", CHANNELS)
    while True:
        connection.process_data_events(time_limit=1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
