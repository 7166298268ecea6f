"""Worker with prefetch 1 that does not touch a queue that is there already."""
import os
import time

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_durable"
NOT_FOUND = 404


def channel_with_queue(connection):
    channel = connection.channel()
    try:
        channel.queue_declare(queue=QUEUE, durable=True, passive=True)
    except ChannelClosedByBroker as closed:
        if closed.reply_code != NOT_FOUND:
            raise
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE)
    return channel


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = channel_with_queue(connection)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
