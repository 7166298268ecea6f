"""Fetch each task from the file that the message names."""
import contextlib
import os
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    with open(body) as file:
        seconds = file.read().count(".")
    time.sleep(seconds)
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)
    with contextlib.suppress(OSError):
        os.remove(body)
        os.rmdir(os.path.dirname(body))  # goes with the last one


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
