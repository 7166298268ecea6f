import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        method, properties, body = channel.basic_get(queue=QUEUE, auto_ack=True)
        if method is None:
            connection.sleep(0.5)
            continue
        print(f" [x] Received {body}")
        time.sleep(body.count(b"."))
        print(" [x] Done")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
