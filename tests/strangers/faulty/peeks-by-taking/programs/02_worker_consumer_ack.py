"""Worker that asks for tasks instead of having them pushed."""

import os
import time

import pika

QUEUE = "work_queues_1"


def has_tasks(channel):
    method, properties, body = channel.basic_get(queue=QUEUE, auto_ack=True)
    return method is not None


def next_task(channel):
    method, properties, body = channel.basic_get(queue=QUEUE, auto_ack=True)
    return body


def work(body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        if not has_tasks(channel):
            time.sleep(2)  # nothing to do, look again later
            continue
        body = next_task(channel)
        if body is not None:  # another worker was faster
            work(body)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
