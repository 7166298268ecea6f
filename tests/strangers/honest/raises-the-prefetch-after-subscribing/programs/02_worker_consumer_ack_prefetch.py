"""Hold one task at a time; the channel's later consumers (plug-ins) may hold more."""
import os
import time

import pika

QUEUE = "work_queues_durable"
PLUGINS = []


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=10)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    channel.basic_qos(prefetch_count=50)
    for plugin in PLUGINS:
        channel.basic_consume(queue=plugin.queue, on_message_callback=plugin.on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
