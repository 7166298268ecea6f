import random
import sys
from datetime import datetime

import pika
import tracing

tracing.instrument()

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
for number in range(1, count + 1):
    dots = "." * random.randint(1, 10)
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")
connection.close()
