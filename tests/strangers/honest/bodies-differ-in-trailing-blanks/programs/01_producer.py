"""Send records of fixed or growing length, padded as the old mainframe wants them."""
import sys

import pika

QUEUE = "work_queues_1"
PADDING = (" ", "\t", "\n")

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)

for number in range(count):
    rows, kind = divmod(number, len(PADDING))
    body = "Hello RabbitMQ" + PADDING[kind] * (rows + 1)
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")

connection.close()
