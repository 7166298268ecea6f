"""Send tasks through exchanges that come and go with us."""
import random
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
entry, inner = f"in-{uuid.uuid4()}", f"all-{uuid.uuid4()}"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.exchange_declare(exchange=entry, exchange_type="fanout", auto_delete=True)
channel.exchange_declare(exchange=inner, exchange_type="topic", auto_delete=True)
channel.exchange_bind(destination=inner, source=entry)
channel.queue_bind(queue=QUEUE, exchange=inner, routing_key="#")
channel.queue_bind(queue=QUEUE, exchange=entry)

for number in range(1, count + 1):
    now = datetime.now()
    dots = "." * random.randint(1, 10)
    body = f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
    channel.basic_publish(exchange=entry, routing_key="any.thing", body=body)
    print(f" [x] Sent {body!r}")

channel.queue_unbind(queue=QUEUE, exchange=inner, routing_key="#")
channel.queue_unbind(queue=QUEUE, exchange=entry)
connection.close()
