import os
import sys
import time
import functools

import pika

QUEUE = "work_queues_1"

def finish(ch, tag, body):
    print(f" [x] Done {body}")
    ch.basic_ack(delivery_tag=tag)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    seconds = 0.05 * body.count(b".")
    ch.connection.call_later(seconds, functools.partial(finish, ch, method.delivery_tag, body))


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
