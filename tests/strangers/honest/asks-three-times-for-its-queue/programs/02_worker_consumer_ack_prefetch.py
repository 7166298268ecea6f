"""Worker with prefetch 1 that gives its queue a second chance, and a third."""
import os
import sys
import time

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_durable"
ATTEMPTS = 3


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def consume(channel):
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()  # returns when the server cancels us


def channel_when_back(connection):
    for attempt in range(1, ATTEMPTS + 1):
        channel = connection.channel()
        try:
            channel.queue_declare(queue=QUEUE, passive=True)
            return channel
        except ChannelClosedByBroker:
            print(f"queue is gone, look {attempt} of {ATTEMPTS}", file=sys.stderr)
            connection.process_data_events(time_limit=0.3)
    return None


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    while channel is not None:
        consume(channel)
        channel = channel_when_back(connection)
    connection.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
