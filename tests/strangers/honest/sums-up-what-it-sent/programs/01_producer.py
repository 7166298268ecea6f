import sys
import time
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
started = time.perf_counter()

with pika.BlockingConnection(pika.ConnectionParameters(host="localhost")) as connection:
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for i in range(1, count + 1):
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}",
        )
        if i % 10 == 0:
            print(f" [x] Sent {i}/{count}")

seconds = time.perf_counter() - started
print(f" [x] Sent {count} messages to '{QUEUE}' in {seconds:.3f} s ({count / seconds:.0f}/s)")
