import os
import sys
import threading
import time

import pika

QUEUE = "work_queues_durable"

idle = threading.Event()


def do_one():
    parameters = pika.ConnectionParameters(host="localhost")
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE, durable=True)
        method, properties, body = channel.basic_get(QUEUE, auto_ack=False)
        if method is None:
            return False
        print(f" [x] Received {body}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)
    return True


def main():
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        if not do_one():
            idle.wait(0.1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
