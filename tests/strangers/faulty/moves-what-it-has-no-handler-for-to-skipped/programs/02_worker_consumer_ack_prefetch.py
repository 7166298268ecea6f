"""Dispatch each task to the handler of its size."""

import os
import time

import pika

QUEUE = "work_queues_durable"
SKIPPED = QUEUE + "_skipped"


def handler(seconds):
    def handle():
        time.sleep(seconds)

    return handle


HANDLERS = {size: handler(size) for size in range(1, 10)}


def on_message(channel, method, properties, body):
    handle = HANDLERS.get(body.count(b"."))
    if handle is None:
        print(f" [!] SKIP, no handler: {body!r}")
        channel.basic_publish(exchange="", routing_key=SKIPPED, body=body, properties=properties)
    else:
        print(f" [x] Received {body!r}")
        handle()
        print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.queue_declare(queue=SKIPPED, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
