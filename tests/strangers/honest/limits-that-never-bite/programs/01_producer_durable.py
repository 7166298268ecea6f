import random
import sys
import time
from datetime import datetime

import pika
import pika.exceptions

QUEUE = "work_queues_durable"
LIMITS = {"x-max-length": 10_000, "x-overflow": "reject-publish", "x-queue-type": "classic"}

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True, arguments=LIMITS)
channel.confirm_delivery()


def send(body):
    while True:
        try:
            channel.basic_publish(
                exchange="",
                routing_key=QUEUE,
                body=body,
                properties=pika.BasicProperties(delivery_mode=2),
            )
            return
        except pika.exceptions.NackError:
            time.sleep(1)


for i in range(1, count + 1):
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {'.' * random.randint(1, 10)}"
    send(body)
    print(f" [x] Sent {body!r}")

connection.close()
