import contextlib
import os
import sys
import time

import pika

QUEUE = "work_queues_1"


@contextlib.contextmanager
def processing(ch, method, body):
    print(f" [x] Received {body}")
    try:
        yield body.decode()
    except Exception as error:
        print(f" [!] Failed: {error!r}")
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=True)
        raise
    else:
        print(" [x] Done")
        ch.basic_ack(delivery_tag=method.delivery_tag)


def callback(ch, method, properties, body):
    with processing(ch, method, body) as text:
        time.sleep(text.count("."))


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
