"""Receive greetings. The queue belongs to the producer: we never create it."""

import os
import sys
import threading

import pika

QUEUE = "work_queues_1"
WARM_UP = 0.5  # seconds; the model has to be in memory before the first message


def open_channel(connection):
    """Return a channel on which the queue has been seen, or end."""
    channel = connection.channel()
    try:
        seen = channel.queue_declare(queue=QUEUE, passive=True).method
    except pika.exceptions.ChannelClosedByBroker as error:
        sys.exit(f"start the producer first: {error.reply_text}")
    print(f"{QUEUE}: {seen.message_count} waiting, {seen.consumer_count} consumers", flush=True)
    return channel


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = open_channel(connection)
    threading.Event().wait(WARM_UP)
    channel.basic_recover(requeue=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
