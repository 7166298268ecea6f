"""Send messages, with the body made by a helper."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def message(number):
    now = datetime.now()
    return f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)

for number in range(1, count + 1):
    channel.basic_publish(exchange="", routing_key=QUEUE, body=message(number))
    print(f" [x] Sent {message(number)!r}")

connection.close()
