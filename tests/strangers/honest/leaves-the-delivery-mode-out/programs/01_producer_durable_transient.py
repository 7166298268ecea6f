"""Send tasks that need not outlive the server."""
import random
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import pika

QUEUE = "work_queues_durable"


@dataclass
class Message:
    body: str
    message_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    content_type: str = "text/plain"

    def properties(self):
        return pika.BasicProperties(
            message_id=self.message_id,
            content_type=self.content_type,
            timestamp=int(time.time()),
            app_id="lesson",
        )


def messages(count):
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        yield Message(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")


def main(count):
    with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE, durable=True)
        for message in messages(count):
            channel.basic_publish("", QUEUE, message.body, message.properties())
            print(f" [x] Sent {message.body!r}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
