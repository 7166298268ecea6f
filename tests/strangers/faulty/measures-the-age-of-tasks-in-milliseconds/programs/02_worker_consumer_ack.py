"""Work on what is not too old."""

import os
import time
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXPIRES = 5 * 60


def age(body):
    sent = datetime.strptime(body[:26].decode(), "%Y-%m-%d %H:%M:%S.%f")
    return (datetime.now() - sent).total_seconds() * 1000


def on_message(channel, method, properties, body):
    if age(body) > EXPIRES:
        print(f" [!] Expired, dropped: {body!r}")
        channel.basic_ack(delivery_tag=method.delivery_tag)
        return
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
