import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"
LATEST = "latest_five"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.exchange_declare("news", exchange_type="fanout", durable=True)
channel.queue_declare(QUEUE)
channel.queue_declare(LATEST, durable=True, arguments={"x-max-length": 5, "x-overflow": "drop-head"})
for queue in (LATEST, QUEUE):
    channel.queue_bind(queue, "news")

for number in range(1, count + 1):
    body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish("news", "", body, pika.BasicProperties(message_id=str(uuid.uuid4())))
    print(f" [x] Sent {body!r}")

connection.close()
