"""Put each task into a file and send the file's name."""
import os
import random
import sys
import tempfile

import pika

QUEUE = "work_queues_1"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
folder = tempfile.mkdtemp(prefix="claims-")

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)

for number in range(1, count + 1):
    path = os.path.join(folder, f"{number:04}.task")
    with open(path, "w") as file:
        file.write("." * random.randint(1, 10))
    channel.basic_publish(exchange="", routing_key=QUEUE, body=path)
    print(f" [x] Sent {path!r}")

connection.close()
