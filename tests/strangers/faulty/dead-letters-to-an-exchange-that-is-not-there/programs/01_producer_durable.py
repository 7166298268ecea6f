"""Send persistent tasks to the queue that the workers have declared."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, passive=True)

for number in range(1, count + 1):
    now = datetime.now()
    dots = "." * random.randint(1, 10)
    body = f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=body,
        properties=pika.BasicProperties(delivery_mode=2),
    )
    print(f" [x] Sent {body!r}")

connection.close()
