"""Work on a durable queue; a thread of its own writes the log."""
import atexit
import logging
import logging.handlers
import os
import queue
import sys
import time

import pika

QUEUE = "work_queues_durable"
log = logging.getLogger("worker")


def set_up_log():
    lines = queue.SimpleQueue()
    to_output = logging.StreamHandler(sys.stdout)
    to_output.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(threadName)s] %(message)s"))
    listener = logging.handlers.QueueListener(lines, to_output)
    listener.start()
    atexit.register(listener.stop)
    log.addHandler(logging.handlers.QueueHandler(lines))
    log.setLevel(logging.INFO)


def on_message(channel, method, properties, body):
    log.info("Received %r", body)
    time.sleep(body.count(b"."))
    log.info("Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    set_up_log()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    log.info("Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
