import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "tasks"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.exchange_declare(exchange=EXCHANGE, exchange_type="direct")
channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="work")


def send(body):
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    channel.basic_publish(exchange=EXCHANGE, routing_key="work", body=body)
    print(f" [x] Sent {body!r}")


for i in range(1, count + 1):
    dots = "." * random.randint(1, 10)
    send(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {dots}")

connection.close()
