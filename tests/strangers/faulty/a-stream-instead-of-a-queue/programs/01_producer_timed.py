import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True, arguments={"x-queue-type": "stream"})

for i in range(1, count + 1):
    dots = "." * random.randint(1, 10)
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {dots}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")

connection.close()
