"""Worker for Kubernetes: when the pod is to go, finish this task, hand back the others, go."""

import signal
import sys
import time

import pika

QUEUE = "work_queues_1"

received_signal = 0


def remember(signum, frame):
    global received_signal
    received_signal = signum
    print(f" [!] {signal.Signals(signum).name}: this task is my last one", flush=True)


def main():
    signal.signal(signal.SIGTERM, remember)
    signal.signal(signal.SIGINT, remember)

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    finished = 0
    for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.2):
        if method is not None:
            print(f" [x] Received {body!r}", flush=True)
            time.sleep(body.count(b"."))
            channel.basic_ack(method.delivery_tag)
            finished += 1
            print(" [x] Done", flush=True)
        if received_signal:
            break

    left = channel.get_waiting_message_count()
    if channel.is_open:
        channel.cancel()  # rejects what we have buffered; the others get it
    connection.close()
    print(f" [*] finished {finished}, handed back {left}", flush=True)
    return 128 + received_signal if received_signal else 0


sys.exit(main())
