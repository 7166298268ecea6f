import logging
import os
import sys
import time

import pika
from pika.exceptions import AMQPConnectionError

QUEUE = "work_queues_1"
ERRORS = "work_queues_1_errors"

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
log = logging.getLogger("worker")


def watch_errors(channel):
    """Warn when tasks pile up in the queue of errors."""
    try:
        answer = channel.queue_declare(queue=ERRORS, passive=True)
        if answer.method.message_count > 100:
            log.warning("%d messages in %s", answer.method.message_count, ERRORS)
    except Exception as error:  # monitoring must never hurt the work itself
        log.debug("cannot look at %s: %s", ERRORS, error)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    try:
        watch_errors(channel)
        channel.basic_ack(delivery_tag=method.delivery_tag)
    except Exception:
        log.exception("task failed")


def connect():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    return connection


def main():
    connection = connect()
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        try:
            connection.process_data_events(time_limit=1)
        except AMQPConnectionError:
            log.warning("connection lost, connecting again")
            connection = connect()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
