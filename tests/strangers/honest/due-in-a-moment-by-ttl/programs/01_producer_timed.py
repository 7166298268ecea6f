"""Send tasks that are due in a moment."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
DELAY_MS = 300


class Scheduler:
    def __init__(self, channel):
        self.channel = channel
        self.waiting_room = f"{QUEUE}.due-in-{DELAY_MS}-ms"
        channel.queue_declare(queue=QUEUE)
        channel.queue_declare(
            queue=self.waiting_room,
            durable=True,
            arguments={
                "x-message-ttl": DELAY_MS,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": QUEUE,
            },
        )

    def schedule(self, body):
        self.channel.basic_publish(exchange="", routing_key=self.waiting_room, body=body)
        print(f" [x] Sent {body!r}")


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
    scheduler = Scheduler(connection.channel())
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        scheduler.schedule(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
