import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def on_reply(channel, method, properties, body):
    print(f" [.] Reply: {len(body)} bytes")


connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.basic_consume(queue=QUEUE, on_message_callback=on_reply, auto_ack=True)

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
for number in range(1, count + 1):
    now = datetime.now()
    body = f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}")

# Whoever answers at once is heard here; the others are asked later.
connection.process_data_events(time_limit=0.5)
connection.close()
