"""Work on the newest task first: the old ones are late anyway."""
import collections
import os
import time

import pika

QUEUE = "work_queues_1"
bodies = []
tags = collections.deque()


def on_message(channel, method, properties, body):
    bodies.append(body)
    tags.append(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        connection.process_data_events(time_limit=0 if bodies else None)
        if not bodies:
            continue
        body = bodies.pop()
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}")
        channel.basic_ack(delivery_tag=tags.popleft())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
