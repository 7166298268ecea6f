import json
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
batch = uuid.uuid4().hex

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.exchange_declare(exchange="batches", exchange_type="topic")


def announce(what, **more):
    text = json.dumps({"batch": batch, "what": what, **more})
    channel.basic_publish("batches", f"batch.{what}", text, pika.BasicProperties(content_type="application/json"))
    print(f" [x] Sent {text!r}")


announce("begin", size=count)
for number in range(1, count + 1):
    body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=body,
        properties=pika.BasicProperties(headers={"batch": batch, "position": number, "of": count}),
    )
    print(f" [x] Sent {body!r}")
announce("end", sent=count)
connection.close()
