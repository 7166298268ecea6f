"""Collect the tasks that have arrived, then do one after another."""
import os
import time

import pika

QUEUE = "work_queues_1"
SILENCE = 0.2


def work(body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    jobs = []
    for method, _, payload in channel.consume(QUEUE, inactivity_timeout=SILENCE):
        if method is not None:
            body = payload
            jobs.append((method.delivery_tag, lambda: work(body)))
            continue
        for tag, job in jobs:
            job()
            channel.basic_ack(delivery_tag=tag)
        jobs.clear()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
