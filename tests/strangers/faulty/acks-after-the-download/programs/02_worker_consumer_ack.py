"""Fetch a task's input, take the task off the queue, and work on it."""
import os
import time

import pika

QUEUE = "work_queues_1"


def download(body):
    time.sleep(1)
    return body.count(b".") - 1


def process(seconds):
    time.sleep(seconds)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    rest = download(body)
    channel.basic_ack(delivery_tag=method.delivery_tag)  # we have all that we need
    process(rest)
    print(" [x] Done")


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
