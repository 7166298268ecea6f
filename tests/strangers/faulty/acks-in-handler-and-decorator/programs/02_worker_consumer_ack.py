"""Worker with a little framework of its own."""

import functools
import os
import time

import pika

QUEUE = "work_queues_1"


def task(handler):
    """Decorator for handlers: measures them and acknowledges when they return."""

    @functools.wraps(handler)
    def wrapper(channel, method, properties, body):
        began = time.perf_counter()
        handler(channel, method, properties, body)
        took = time.perf_counter() - began
        print(f" [i] {handler.__name__} took {took:.3f} s", flush=True)
        channel.basic_ack(method.delivery_tag)

    return wrapper


@task
def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


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
