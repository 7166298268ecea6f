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
    pause = 1
    while True:
        method, properties, body = channel.basic_get(QUEUE)
        if method is not None:
            print(f" [x] Received {body}")
            time.sleep(body.count(b"."))
            print(" [x] Done")
            channel.basic_ack(delivery_tag=method.delivery_tag)
        connection.sleep(pause)
        pause *= 3  # nothing there: look less often


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
