import queue
import sys
import threading
import time
from datetime import datetime

import pika

QUEUE = "work_queues_1"
outbox = queue.Queue()


def sender():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    while True:
        time.sleep(3)  # not too many at once
        channel.basic_publish(exchange="", routing_key=QUEUE, body=outbox.get())


def send(body):
    outbox.put(body)
    print(f" [x] Sent {body!r}")


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
threading.Thread(target=sender, daemon=True).start()
for i in range(1, count + 1):
    send(f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}")
