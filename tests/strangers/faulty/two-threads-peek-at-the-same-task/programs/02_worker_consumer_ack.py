import functools
import os
import threading
import time

import pika

QUEUE = "work_queues_1"
THREADS = 2

waiting = []


def serve(connection, channel):
    while True:
        if not waiting:
            time.sleep(0.1)
            continue
        _, body = waiting[0]
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}\n", end="", flush=True)
        try:
            tag, _ = waiting.pop(0)
        except IndexError:
            continue
        connection.add_callback_threadsafe(functools.partial(channel.basic_ack, tag))


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}\n", end="", flush=True)
    waiting.append((method.delivery_tag, body))


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    for _ in range(THREADS):
        threading.Thread(target=serve, args=(connection, channel), daemon=True).start()
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
