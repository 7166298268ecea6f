"""Receive messages; every ten of them, subscribe anew, so that no subscription grows old."""
import os

import pika

QUEUE = "work_queues_1"
ROUND = 10
received = 0


def on_message(channel, method, properties, body):
    global received
    print(f" [x] Received {body!r}")
    received += 1
    if received % ROUND == 0:
        channel.stop_consuming()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
        channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
