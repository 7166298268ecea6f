"""Work on tasks that count as done as soon as we have them. Long texts are cut on the screen."""

import os
import sys
import time

import pika

QUEUE = "work_queues_1"
LENGTH = 33


def short(text):
    return text if len(text) <= LENGTH else text[:LENGTH] + "…"


def on_message(channel, method, properties, body):
    text = body.decode("utf-8")
    print(f" [x] Received '{short(text)}'", flush=True)
    started = time.monotonic()
    time.sleep(text.count("."))
    print(f" [x] Done '{short(text)}' ({time.monotonic() - started:.2f} s)", flush=True)


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
