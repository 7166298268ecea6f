"""Send messages to a queue that cleans itself up when nobody has used it for a minute."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
ONE_MINUTE = 60

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, arguments={"x-expires": ONE_MINUTE})

for number in range(1, count + 1):
    now = datetime.now()
    body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")

connection.close()
