import os
import time
from functools import partial

import pika

QUEUE = "work_queues_1"


def work(hand, channel, method, properties, body):
    print(f" [x] Received {body!r} ({hand})", flush=True)
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r} ({hand})", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for hand in ("left", "right"):
        channel.basic_consume(QUEUE, partial(work, hand), consumer_tag=hand)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
