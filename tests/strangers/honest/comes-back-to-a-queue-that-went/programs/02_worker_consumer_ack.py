"""Work, acknowledge, and come back when the server does."""
import os
import time

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def consume():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


def main():
    pause = 2
    while True:
        begun = time.monotonic()
        try:
            consume()
        except AMQPError as error:
            print(f" [!] Lost the server ({type(error).__name__}), again in {pause} s")
        pause = 2 if time.monotonic() - begun > 1 else min(2 * pause, 20)
        time.sleep(pause)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
