"""Two consumers in one process. pika is not thread safe, so each thread has its own connection."""

import os
import threading
import time

import pika

QUEUE = "work_queues_1"
THREADS = 2

printing = threading.Lock()


def say(text):
    with printing:
        print(text, flush=True)


def on_message(channel, method, properties, body):
    say(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    say(f" [x] Done {body!r}")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def subscribe():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    return channel


def main():
    channels = [subscribe() for _ in range(THREADS)]
    threads = [
        threading.Thread(target=channel.start_consuming, name=f"consumer-{number}", daemon=True)
        for number, channel in enumerate(channels)
    ]
    for thread in threads:
        thread.start()
    say(f" [*] {THREADS} threads are waiting for messages. To exit press CTRL+C")
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        say("Interrupted")
        os._exit(0)
