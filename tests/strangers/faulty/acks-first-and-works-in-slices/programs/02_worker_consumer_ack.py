import os
import time

import pika

QUEUE = "work_queues_1"
TICK = 0.1


def work(seconds):
    """Work in small steps, so that a progress bar can be drawn."""
    for _ in range(round(seconds / TICK)):
        time.sleep(TICK)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    # Tell the broker at once: long tasks ran into its acknowledgement timeout.
    channel.basic_ack(delivery_tag=method.delivery_tag)
    work(body.count(b"."))
    print(" [x] Done")


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
