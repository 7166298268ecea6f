import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
signed = pika.BasicProperties(app_id="hello", user_id="hello-producer")

for i in range(1, count + 1):
    body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=signed)
    print(f" [x] Sent {body!r}")

connection.close()
