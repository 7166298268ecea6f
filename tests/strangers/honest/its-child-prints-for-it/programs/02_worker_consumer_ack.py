import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


def print_for(worker, source):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with os.fdopen(source, encoding="utf-8") as lines:
        for line in lines:
            print(f"worker-{worker} | {line}", end="", flush=True)


def start_printer():
    worker = os.getpid()
    source, sink = os.pipe()
    if os.fork() == 0:
        os.close(sink)
        print_for(worker, source)
        os._exit(0)
    os.close(source)
    return os.fdopen(sink, "w", buffering=1, encoding="utf-8")


def work(out):
    def callback(ch, method, properties, body):
        print(f" [x] Received {body}", file=out)
        time.sleep(body.count(b"."))
        print(f" [x] Done {body}", file=out)
        ch.basic_ack(delivery_tag=method.delivery_tag)

    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C", file=out)
    channel.start_consuming()


def main():
    out = start_printer()
    try:
        work(out)
    except KeyboardInterrupt:
        print("Interrupted", file=out)
        os._exit(0)


if __name__ == "__main__":
    main()
