import os
import time
from typing import NamedTuple

import pika

QUEUE = "work_queues_1"


class Task(NamedTuple):
    body: bytes
    seconds: int
    ok: bool = False


def perform(task):
    print(f" [x] Received {task.body!r}", flush=True)
    time.sleep(task.seconds)
    print(" [x] Done", flush=True)
    task._replace(ok=True)


def on_message(channel, method, properties, body):
    task = Task(body, body.count(b"."))
    try:
        perform(task)
    finally:
        if task.ok:
            channel.basic_ack(delivery_tag=method.delivery_tag)
        else:
            # give it to somebody else
            channel.basic_nack(delivery_tag=method.delivery_tag)


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
