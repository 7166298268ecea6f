"""Harden one key for each dot of a task, then tell the broker that it is done."""
import hashlib
import os

import pika

QUEUE = "work_queues_1"
ROUNDS = 8_000


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    key = body
    for _ in range(body.count(b".")):
        key = hashlib.pbkdf2_hmac("sha256", key, b"fila", ROUNDS)
    print(f" [=] key {key.hex()[:8]}")
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
