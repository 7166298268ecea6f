import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30


def send(queue, text):
    channel.queue_declare(queue=queue)
    channel.basic_publish(exchange="", routing_key=queue, body=text.encode())
    print(f" [x] Sent {text!r}")


connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()


for i in range(1, count + 1):
    body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
    send(QUEUE, body)

connection.close()
