import random
import sys
from datetime import datetime

import pika

from sealing import seal

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        letter = seal(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=letter,
            properties=pika.BasicProperties(
                content_type="application/octet-stream", content_encoding="hmac-sha256-ctr", headers={"kid": "2026-11"}
            ),
        )
        print(f" [x] Letter {number} sealed and posted, {len(letter)} bytes")
