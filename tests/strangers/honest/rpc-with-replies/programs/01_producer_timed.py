"""Ask the workers to do something, and wait for all answers (tutorial six, many at a time)."""

import random
import sys
import time
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Client:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.callback_queue = self.channel.queue_declare(queue="", exclusive=True).method.queue
        self.channel.basic_consume(self.callback_queue, self.on_response, auto_ack=True)
        self.waiting = {}

    def on_response(self, channel, method, properties, body):
        task = self.waiting.pop(properties.correlation_id, None)
        if task is not None:
            print(f" [.] answer to no. {task}: {body.decode()}")

    def call(self, number):
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
        correlation_id = str(uuid.uuid4())
        self.waiting[correlation_id] = number
        self.channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            properties=pika.BasicProperties(
                reply_to=self.callback_queue, correlation_id=correlation_id
            ),
            body=body,
        )
        print(f" [x] Sent {body!r}")


client = Client()
for number in range(1, int(sys.argv[1]) + 1 if len(sys.argv) > 1 else 31):
    client.call(number)

deadline = time.monotonic() + 15
while client.waiting and time.monotonic() < deadline:
    client.connection.process_data_events(time_limit=0.5)
client.connection.close()
if client.waiting:
    sys.exit(f"no answer to {sorted(client.waiting.values())}")
