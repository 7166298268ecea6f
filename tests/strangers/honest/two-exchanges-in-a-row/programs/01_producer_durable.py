import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()

# intake (fanout) -> tasks (direct) -> the queue
channel.exchange_declare(exchange="intake", exchange_type="fanout", durable=True)
channel.exchange_declare(exchange="tasks", exchange_type="direct", durable=True)
channel.exchange_bind(destination="tasks", source="intake")
channel.queue_declare(queue=QUEUE, durable=True)
channel.queue_bind(queue=QUEUE, exchange="tasks", routing_key="work")

for i in range(1, count + 1):
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {'.' * random.randint(1, 10)}"
    channel.basic_publish(exchange="intake", routing_key="work", body=body,
        properties=pika.BasicProperties(delivery_mode=2))
    print(f" [x] Sent {body!r}")

connection.close()
