import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def fetch(connection):
    with connection.channel() as channel:
        channel.queue_declare(queue=QUEUE)
        method, _, body = channel.basic_get(QUEUE)
        return channel, method, body


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        channel, method, body = fetch(connection)
        if method is None:
            connection.process_data_events(time_limit=0.1)
            continue
        print(f" [x] Received {body}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        try:
            channel.basic_ack(delivery_tag=method.delivery_tag)
        except pika.exceptions.AMQPError:
            pass


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
