"""Send compressed tasks."""

import gzip
import random
import sys
from datetime import datetime

import pika

QUEUE = "tasks.gz"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
plain = packed = 0
for number in range(1, count + 1):
    text = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
    body = gzip.compress(text.encode())
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=body,
        properties=pika.BasicProperties(content_type="text/plain", content_encoding="gzip"),
    )
    plain, packed = plain + len(text), packed + len(body)
connection.close()
print(f"{count} tasks sent; {plain} bytes became {packed} by compressing them (hm)")
