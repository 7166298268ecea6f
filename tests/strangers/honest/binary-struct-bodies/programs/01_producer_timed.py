"""Send tasks as packed structures: <double time> <uint16 number> <uint8 seconds>."""
import random
import struct
import sys
import time

import pika

QUEUE = "work_queues_1"
TASK = struct.Struct("<dHB")

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
about = pika.BasicProperties(content_type="application/octet-stream")

for number in range(1, count + 1):
    body = TASK.pack(time.time(), number, random.randint(2, 11))
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=about)
    print(f" [x] Sent {body!r}")

connection.close()
