import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.exchange_declare(exchange="work", exchange_type="direct")

for i in range(1, count + 1):
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} " + "." * random.randint(1, 10)
    channel.basic_publish(exchange="work", routing_key="tasks.work", body=body)
    print(f" [x] Sent {body!r}")

connection.close()
