import random
import sys
from datetime import datetime

import pika


class Metaclass(type):
    """singleton design pattern"""

    _instance = {}

    def __call__(cls, *args, **kwargs):
        if cls not in cls._instance:
            cls._instance[cls] = super().__call__(*args, **kwargs)
        return cls._instance[cls]


class RabbitMq(metaclass=Metaclass):
    def __init__(self, queue="work_queues_1", host="localhost", exchange=""):
        self.queue = queue
        self.exchange = exchange
        self._connection = pika.BlockingConnection(pika.ConnectionParameters(host=host))
        self._channel = self._connection.channel()
        self._channel.queue_declare(queue=self.queue)

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_val, exc_tb):
        self._connection.close()

    def publish(self, payload):
        self._channel.basic_publish(
            exchange=self.exchange, routing_key=self.queue, body=str(payload)
        )
        print("Published Message: {}".format(payload))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with RabbitMq():
        for number in range(1, count + 1):
            RabbitMq().publish(
                payload={
                    "id": number,
                    "at": str(datetime.now()),
                    "Data": "don't panic" if number % 2 else 'say "hello"',
                    "work": "." * random.randint(1, 10),
                }
            )
