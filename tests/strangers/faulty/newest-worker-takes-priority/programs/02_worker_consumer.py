"""Receive messages; the newest version of us goes first, so that a deployment takes over at once."""
import os
import time

import pika

QUEUE = "work_queues_1"
PRIORITY = time.monotonic_ns() // 1_000_000


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE,
        on_message_callback=on_message,
        auto_ack=True,
        arguments={"x-priority": PRIORITY},
    )
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
