import os
import time
from contextlib import ExitStack

import pika

QUEUE = "work_queues_1"


def consume(channel):
    with ExitStack() as deferred:
        for method, _, body in channel.consume(queue=QUEUE):
            deferred.callback(channel.basic_ack, method.delivery_tag)
            print(f" [x] Received {body!r}")
            time.sleep(body.count(b"."))
            print(" [x] Done")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    consume(channel)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
