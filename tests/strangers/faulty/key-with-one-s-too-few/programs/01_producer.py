import logging
import sys
from datetime import datetime

import pika

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)


class Producer:
    """Publishes to one queue through the default exchange."""

    queue = "work_queues_1"
    routing_key = "work_queue_1"

    def __init__(self, host="localhost"):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(host))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=self.queue)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.connection.close()

    def send(self, body):
        self.channel.basic_publish(exchange="", routing_key=self.routing_key, body=body)
        print(f" [x] Sent {body!r}")


def main(count=30):
    with Producer() as producer:
        for number in range(1, count + 1):
            now = datetime.now()
            producer.send(f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
