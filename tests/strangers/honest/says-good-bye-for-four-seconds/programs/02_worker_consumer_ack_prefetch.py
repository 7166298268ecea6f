import atexit
import os
import signal
import sys
import threading
import time

import pika

QUEUE = "work_queues_durable"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def on_sigterm(signum, frame):
    raise SystemExit(0)


def hand_in_the_figures():
    print(" [*] Handing in the figures of this run", flush=True)
    threading.Event().wait(4)
    print(" [*] Good-bye", flush=True)


def main():
    signal.signal(signal.SIGTERM, on_sigterm)
    atexit.register(hand_in_the_figures)
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    try:
        channel.start_consuming()
    except SystemExit:
        connection.close()  # the task that was broken off goes back
        raise


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
