"""Do each task in two stages, each with a thread of its own."""
import functools
import os
import queue
import threading
import time

import pika

QUEUE = "work_queues_1"
first, second = queue.Queue(), queue.Queue()


def cut():
    while True:
        tag, body = first.get()
        print(f" [x] Received {body!r}", flush=True)
        seconds = body.count(b".")
        time.sleep(seconds // 2)
        second.put((tag, body, seconds - seconds // 2))


def polish(connection, channel):
    while True:
        tag, body, seconds = second.get()
        time.sleep(seconds)
        print(f" [x] Done {body!r}", flush=True)
        connection.add_callback_threadsafe(functools.partial(channel.basic_ack, tag))


def on_message(channel, method, properties, body):
    first.put((method.delivery_tag, body))


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    threading.Thread(target=cut, daemon=True).start()
    threading.Thread(target=polish, args=(connection, channel), daemon=True).start()
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
