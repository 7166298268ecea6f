import os
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def take_a_note(bodies):
    with open(os.devnull, "w") as journal:
        journal.write(f"about to send {len(bodies)} messages")


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
bodies = [
    f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}" for i in range(1, count + 1)
]

child = os.fork()
if child == 0:
    take_a_note(bodies)

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
for body in bodies:
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    print(f" [x] Sent {body!r}", flush=True)
connection.close()

if child:
    os.waitpid(child, 0)
