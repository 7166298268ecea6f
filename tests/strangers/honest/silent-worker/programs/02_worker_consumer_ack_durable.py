"""Worker on the durable queue. No news is good news."""

import contextlib
import time

import pika


class Worker:
    queue = "work_queues_durable"

    def __init__(self, host="localhost"):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters(host))
        self.channel = self.connection.channel()
        self.channel.queue_declare(self.queue, durable=True)

    def __call__(self, channel, method, properties, body):
        self.perform(body)
        channel.basic_ack(method.delivery_tag)

    def perform(self, body):
        time.sleep(body.count(b"."))

    def run(self):
        self.channel.basic_consume(self.queue, self)
        self.channel.start_consuming()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        Worker().run()
