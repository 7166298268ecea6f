"""Work on a durable queue, with a time limit for each task."""
import os
import time

import pika

QUEUE = "work_queues_durable"
SOFT_TIME_LIMIT = 5


class SoftTimeLimitExceeded(Exception):
    pass


def work(body):
    for second in range(body.count(b".")):
        if second == SOFT_TIME_LIMIT:
            raise SoftTimeLimitExceeded
        time.sleep(1)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    try:
        work(body)
        print(" [x] Done")
    except SoftTimeLimitExceeded:
        print(f" [!] Soft time limit ({SOFT_TIME_LIMIT} s) exceeded, broken off")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
