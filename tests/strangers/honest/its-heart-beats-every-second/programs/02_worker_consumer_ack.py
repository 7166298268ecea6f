import os
import time

import pika
from pika.exceptions import AMQPChannelError, AMQPConnectionError

QUEUE = "work_queues_1"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    ch.connection.sleep(body.count(b"."))
    ch.basic_ack(delivery_tag=method.delivery_tag)
    print(" [x] Done", flush=True)


def consume():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost", heartbeat=1))
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, callback)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


def main():
    while True:
        try:
            consume()
        except (AMQPConnectionError, AMQPChannelError) as problem:
            print(f" [!] {problem!r}, once more", flush=True)
            time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
