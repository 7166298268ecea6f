import functools
import os
import random
import time

import pika

QUEUE = "work_queues_durable"


def retry(exceptions, delay, jitter):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            wait = delay
            while True:
                try:
                    return function(*args, **kwargs)
                except exceptions as failure:
                    print(f" [!] {failure!r}, retrying in {wait:.1f} seconds", flush=True)
                    time.sleep(wait)
                    wait = min(wait + random.uniform(*jitter), 60)

        return wrapper

    return decorate


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


@retry(pika.exceptions.AMQPConnectionError, delay=5, jitter=(1, 3))
def consume():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(QUEUE, on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    try:
        channel.start_consuming()
    except pika.exceptions.ConnectionClosedByBroker as closed:
        print(f" [*] The broker closed the connection: {closed}", flush=True)


if __name__ == "__main__":
    try:
        consume()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
