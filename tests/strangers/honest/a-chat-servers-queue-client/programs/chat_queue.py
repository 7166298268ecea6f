import atexit
import json
import logging
import random
import sys
import time
from collections import defaultdict

import pika

logging.basicConfig(
    stream=sys.stdout, level=logging.INFO, format="%(asctime)s INFO [%(name)s] %(message)s"
)
logging.getLogger("pika").setLevel(logging.WARNING)


class SimpleQueueClient:
    """Hides pika from the rest of the code."""

    def __init__(self):
        self.log = logging.getLogger("chat.queue")
        self.queues = set()
        self.consumers = defaultdict(set)
        self.connect()

    def connect(self):
        start = time.time()
        # BlockingConnection cannot answer heartbeats while we work
        self.connection = pika.BlockingConnection(
            pika.ConnectionParameters(
                "localhost", heartbeat=0, credentials=pika.PlainCredentials("guest", "guest")
            )
        )
        self.channel = self.connection.channel()
        self.log.info("connected (connecting took %.3fs)", time.time() - start)

    def reconnect(self):
        self.queues = set()
        self.connect()

    def close(self):
        if self.connection.is_open:
            self.connection.close()

    def ensure_queue(self, name, callback):
        if not self.connection.is_open:
            self.reconnect()
        if name not in self.queues:
            self.channel.queue_declare(queue=name, durable=True)
            self.queues.add(name)
        callback()

    def publish(self, name, body):
        self.ensure_queue(
            name,
            lambda: self.channel.basic_publish(
                exchange="",
                routing_key=name,
                body=body,
                properties=pika.BasicProperties(delivery_mode=2),
            ),
        )

    def json_publish(self, name, event):
        try:
            self.publish(name, json.dumps(event))
        except pika.exceptions.AMQPConnectionError:
            self.log.warning("Failed to send to rabbitmq, trying to reconnect and send again")
            self.reconnect()
            self.publish(name, json.dumps(event))

    def register_consumer(self, name, consumer):
        def wrapped_consumer(ch, method, properties, body):
            try:
                consumer(body)
                ch.basic_ack(delivery_tag=method.delivery_tag)
            except Exception:
                ch.basic_nack(delivery_tag=method.delivery_tag)
                raise

        self.consumers[name].add(wrapped_consumer)
        self.ensure_queue(
            name,
            lambda: self.channel.basic_consume(
                queue=name,
                on_message_callback=wrapped_consumer,
                consumer_tag=f"{name}_{random.getrandbits(16)}",
            ),
        )

    def start_consuming(self):
        self.channel.start_consuming()


_client = None


def get_queue_client():
    global _client
    if _client is None:
        _client = SimpleQueueClient()
        atexit.register(_client.close)
    return _client
