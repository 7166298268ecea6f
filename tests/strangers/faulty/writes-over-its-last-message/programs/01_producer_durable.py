"""Send persistent tasks; one buffer serves for all of them."""

import io
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"


class Encoder:
    """Saves a new buffer for each message."""

    def __init__(self):
        self.buffer = io.BytesIO()

    def encode(self, text):
        self.buffer.seek(0)
        self.buffer.write(text.encode("ascii"))
        return self.buffer.getvalue()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    encoder = Encoder()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        task = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=encoder.encode(task),
            properties=pika.BasicProperties(delivery_mode=2),
        )
        print(f" [x] Sent {task!r}")
    connection.close()


if __name__ == "__main__":
    main()
