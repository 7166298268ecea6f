import time

import pika

QUEUE = "work_queues_1"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
print(" [*] Waiting for messages. To exit press CTRL+C")
for method, properties, body in channel.consume(QUEUE):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
