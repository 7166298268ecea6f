"""Receive messages and print them."""

import os
import socket

import pika

QUEUE = "work_queues_1"
ME = f"{socket.gethostname()}-{os.getpid()}"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)


def prepare(channel):
    """Declare the queue; no leftovers from the last test."""
    channel.queue_declare(queue=QUEUE)
    channel.queue_purge(queue=QUEUE)


def main():
    parameters = pika.ConnectionParameters(
        "localhost", client_properties={"connection_name": ME}
    )
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    prepare(channel)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
