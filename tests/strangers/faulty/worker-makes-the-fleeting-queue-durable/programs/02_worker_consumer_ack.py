"""Worker that acknowledges when it is done."""
import os
import time

import pika


def open_queue(name, durable=True, **options):
    """Connect and declare a queue; what all our services use."""
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=name, durable=durable, **options)
    return channel


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    channel = open_queue("work_queues_1")
    channel.basic_consume("work_queues_1", on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
