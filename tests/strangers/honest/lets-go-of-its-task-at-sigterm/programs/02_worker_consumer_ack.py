"""Worker that stops at once when told to, but not without saying good-bye to the broker."""

import atexit
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


def give_up(signum, frame):
    sys.exit(1)  # the task is not acknowledged: somebody else will get it


def say_goodbye(connection):
    if connection.is_open:
        connection.close()
    print(" [*] Connection closed", flush=True)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


signal.signal(signal.SIGTERM, give_up)
signal.signal(signal.SIGINT, give_up)

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
atexit.register(say_goodbye, connection)

channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
channel.start_consuming()
