import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


def on_sigterm(signum, frame):
    raise SystemExit(0)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    try:
        time.sleep(body.count(b"."))
    except SystemExit:
        print(f" [!] Shutting down, giving back {body}")
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=False)
        ch.connection.close()
        raise
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    signal.signal(signal.SIGTERM, on_sigterm)
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
