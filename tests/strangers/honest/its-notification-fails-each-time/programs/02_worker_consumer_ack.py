import logging
import os
import socket
import sys
import time

import pika

QUEUE = "work_queues_1"

log = logging.getLogger("notify")


def notify(body):
    try:
        with socket.create_connection(("127.0.0.1", 1), timeout=2) as service:
            service.sendall(body)
    except OSError:
        log.exception("notification failed for %r", body)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)
    notify(body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
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
