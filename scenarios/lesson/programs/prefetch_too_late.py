"""Worker that sets its prefetch after subscribing: too late to have an effect."""

import time

import pika

QUEUE = "work_queues_durable"


def on_task(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)
channel.basic_consume(queue=QUEUE, on_message_callback=on_task)
channel.basic_qos(prefetch_count=1)
print(" [*] Waiting for messages. To exit press CTRL+C")
channel.start_consuming()
