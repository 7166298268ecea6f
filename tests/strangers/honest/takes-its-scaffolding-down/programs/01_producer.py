import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "scaffolding"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.confirm_delivery()
channel.queue_declare(queue=QUEUE)
channel.exchange_declare(exchange=EXCHANGE, exchange_type="topic", auto_delete=True)
channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="hello.#")

for i in range(1, count + 1):
    body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
    channel.basic_publish(exchange=EXCHANGE, routing_key=f"hello.{i}", body=body, mandatory=True)
    print(f" [x] Sent {body!r}")

channel.queue_unbind(queue=QUEUE, exchange=EXCHANGE, routing_key="hello.#")
connection.close()
