import random
import sys
import zlib
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
COMPRESS_FROM = 40

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30


def send(channel, text):
    payload = text.encode()
    properties = pika.BasicProperties(delivery_mode=2, content_type="text/plain")
    if len(payload) > COMPRESS_FROM:
        payload = zlib.compress(payload)
        properties.content_encoding = "deflate"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=payload, properties=properties)
    print(f" [x] Sent {text!r}")


connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)

for number in range(1, count + 1):
    stamp = datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    send(channel, f"{stamp} {number:6} {'.' * random.randint(1, 10)}")

connection.close()
