"""Work on a durable queue, a transaction for each task."""

import os
import time

import pika

QUEUE = "work_queues_durable"


def number_of(body):
    """Both kinds of task have their number before the dots."""
    return int(body.split()[-2])


def work(body, first_time):
    if first_time and number_of(body) % 6 == 0:
        raise RuntimeError("deadlock, rolled back by the database")
    time.sleep(body.count(b"."))


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    try:
        work(body, first_time=not method.redelivered)
    except RuntimeError as error:
        print(f" [!] {error}; waiting for it to be delivered again")
        channel.tx_rollback()
    else:
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)
        channel.tx_commit()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.tx_select()
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
