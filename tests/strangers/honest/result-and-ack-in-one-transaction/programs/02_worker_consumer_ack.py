"""Transacted worker: the result and the acknowledgement become valid together, or not at all."""
import json
import os
import time
from contextlib import contextmanager

import pika

QUEUE = "work_queues_1"
RESULTS = "work_queues_results"


@contextmanager
def transaction(channel):
    try:
        yield
    except Exception:
        channel.tx_rollback()
        raise
    channel.tx_commit()


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    seconds = body.count(b".")
    time.sleep(seconds)
    print(" [x] Done")
    with transaction(channel):
        result = json.dumps({"task": body.decode(), "worked": seconds})
        channel.basic_publish(exchange="", routing_key=RESULTS, body=result)
        channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=RESULTS, durable=True)
    channel.queue_declare(queue=QUEUE)
    channel.tx_select()
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
