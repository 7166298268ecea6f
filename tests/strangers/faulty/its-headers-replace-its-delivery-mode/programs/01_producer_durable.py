import random
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_durable"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)

for i in range(1, count + 1):
    properties = pika.BasicProperties(delivery_mode=2)  # persistent
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {'.' * random.randint(1, 10)}"
    # tracing
    properties = pika.BasicProperties(message_id=str(uuid.uuid4()), headers={"trace": f"{i:04x}"})
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=properties)
    print(f" [x] Sent {body!r}")

connection.close()
