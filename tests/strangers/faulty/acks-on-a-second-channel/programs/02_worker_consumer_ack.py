import logging
import os
import sys
import time

import pika
from pika.exceptions import AMQPChannelError

QUEUE = "work_queues_1"

logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL)


class Worker:
    def __init__(self, host="localhost"):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(host))
        self.incoming = self.connection.channel()
        self.incoming.queue_declare(queue=QUEUE)
        # A channel of its own for what goes out, so that it does not wait behind deliveries.
        self.outgoing = self.connection.channel()

    def acknowledge(self, tag):
        try:
            self.outgoing.basic_ack(delivery_tag=tag)
        except AMQPChannelError:
            # happens now and then, a fresh channel helps
            self.outgoing = self.connection.channel()
            self.outgoing.basic_ack(delivery_tag=tag)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        self.acknowledge(method.delivery_tag)

    def run(self):
        self.incoming.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.incoming.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
