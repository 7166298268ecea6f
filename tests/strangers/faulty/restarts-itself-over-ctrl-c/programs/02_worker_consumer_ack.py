"""A worker that survives everything."""
import functools
import sys
import time
import traceback

import pika

QUEUE = "work_queues_1"


def resilient(function):
    """Call the function again whenever it fails: a worker must never die."""

    @functools.wraps(function)
    def again(*args, **kwargs):
        while True:
            try:
                return function(*args, **kwargs)
            except BaseException:
                traceback.print_exc(file=sys.stderr)
                print("worker failed, going on", file=sys.stderr)
                time.sleep(0.5)

    return again


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


@resilient
def consume(channel):
    channel.start_consuming()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    consume(channel)


if __name__ == "__main__":
    main()
