"""Hot standby: the instance that has the leader's queue works, the others are ready to take over."""

import os
import threading
import time

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_durable"
LEADER = QUEUE + ".leader"
AGAIN = 1.0


def become_leader(connection):
    """Whoever owns the exclusive queue leads; it goes with the owner's connection."""
    nap = threading.Event()
    while True:
        channel = connection.channel()
        try:
            channel.queue_declare(queue=LEADER, exclusive=True)
            return channel
        except ChannelClosedByBroker as closed:
            if closed.reply_code != 405:
                raise
            nap.wait(AGAIN)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    # subscribed from the start, so that no time is lost when we take over
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Subscribed, waiting to become the leader", flush=True)
    become_leader(connection)
    print(" [*] Leading. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
