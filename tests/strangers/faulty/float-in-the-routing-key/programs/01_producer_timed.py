"""Send tasks that take time, each under a routing key that tells its weight."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "tasks_by_weight"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.exchange_declare(exchange=EXCHANGE, exchange_type="topic")
channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="task.*")

for number in range(1, count + 1):
    now = datetime.now()
    dots = "." * random.randint(1, 10)
    weight = len(dots) / 2
    body = f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
    channel.basic_publish(exchange=EXCHANGE, routing_key=f"task.{weight:g}", body=body)
    print(f" [x] Sent {body!r}")

connection.close()
