"""Thumbnails: the work depends on the size only, which is the number of dots."""
import os
import time
from functools import lru_cache

import pika

QUEUE = "work_queues_durable"


@lru_cache(maxsize=None)
def render(size):
    """Do the work; its result says how much there was."""
    time.sleep(size)
    return {"size": size, "pixels": size * 100}


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    result = render(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)
    assert result["pixels"] >= 0


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
