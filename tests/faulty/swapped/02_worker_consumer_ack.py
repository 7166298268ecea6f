"""Tells the broker that it is done before it begins to work."""

import os
import threading

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, _, body):
    channel.basic_ack(delivery_tag=method.delivery_tag)
    print(f" [x] Received {body!r}")
    threading.Event().wait(0.005 * body.count(b"."))
    print(" [x] Done")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)  # at once: the connection is not closed, it breaks
