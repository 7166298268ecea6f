"""Worker with an adaptive prefetch: slow start, then full speed."""

import os
import time

import pika

QUEUE = "work_queues_durable"
FIRST, FULL = 1, 5


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.prefetch = 0
        self.tag = None

    def subscribe(self, prefetch):
        """Subscribe, or subscribe anew: qos counts for new consumers only."""
        if self.tag:
            self.channel.basic_cancel(self.tag)
        self.prefetch = prefetch
        self.channel.basic_qos(prefetch_count=prefetch)
        self.tag = self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        if self.prefetch == FIRST:
            # warmed up: the round trip for each task is no longer needed
            self.subscribe(FULL)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        self.subscribe(FIRST)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
