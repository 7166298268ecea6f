"""Careful worker, one task at a time. Exit statuses: 0 stopped by hand, 3 the queue is gone."""

import os
import sys
import time

import pika

QUEUE = "work_queues_durable"
QUEUE_IS_GONE = 3


class Worker:
    def __init__(self):
        self.finished = 0

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        self.finished += 1
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE, durable=True)
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        channel.start_consuming()  # returns when the broker has cancelled our subscription
        connection.close()


if __name__ == "__main__":
    worker = Worker()
    try:
        worker.run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
    print(f" [!] {QUEUE} is gone; {worker.finished} tasks were done here", file=sys.stderr)
    sys.exit(QUEUE_IS_GONE)
