import functools
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pika

QUEUE = "work_queues_1"

pool = ThreadPoolExecutor(max_workers=2)


def work(ch, tag, body):
    number = int(re.search(rb"\s(\d)\s", body).group(1))
    time.sleep(body.count(b"."))
    print(f" [x] Done task {number}: {body}")
    ch.connection.add_callback_threadsafe(functools.partial(ch.basic_ack, delivery_tag=tag))


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    pool.submit(work, ch, method.delivery_tag, body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
