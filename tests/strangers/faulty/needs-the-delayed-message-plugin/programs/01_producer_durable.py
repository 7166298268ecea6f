import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
EXCHANGE = "delayed_tasks"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)
channel.exchange_declare(
    exchange=EXCHANGE,
    exchange_type="x-delayed-message",
    durable=True,
    arguments={"x-delayed-type": "direct"},
)
channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="work")

for i in range(1, count + 1):
    dots = "." * random.randint(1, 10)
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {dots}"
    channel.basic_publish(
        exchange=EXCHANGE,
        routing_key="work",
        body=body,
        properties=pika.BasicProperties(delivery_mode=2, headers={"x-delay": 100}),
    )
    print(f" [x] Sent {body!r}")

connection.close()
