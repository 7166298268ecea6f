"""Work on compressed tasks."""

import gzip
import os
import time

import pika

QUEUE = "tasks.gz"


def text_of(properties, body):
    if properties.content_encoding == "gzip":
        body = gzip.decompress(body)
    return body.decode()


def on_message(channel, method, properties, body):
    text = text_of(properties, body)
    print(f" [x] Received {text!r}", flush=True)
    time.sleep(text.count("."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
