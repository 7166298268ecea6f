import time

import pika

QUEUE = "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)
print(" [*] Working until the queue is empty")

for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.1):
    if method is None:
        break
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(method.delivery_tag)

channel.cancel()
connection.close()
print(" [*] Nothing left to do")
