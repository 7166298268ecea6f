"""Worker that renews its connection from time to time (there was a memory leak once)."""

import collections
import os
import time

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_1"
TASKS_PER_CONNECTION = 5


class Worker:
    def __init__(self):
        self.backlog = collections.deque()
        self.connection = None
        self.channel = None
        self.done = 0

    def connect(self):
        if self.connection and self.connection.is_open:
            self.connection.close()
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        self.backlog.append((method.delivery_tag, body))

    def do_one(self):
        tag, body = self.backlog.popleft()
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        self.done += 1
        self.channel.basic_ack(delivery_tag=tag)
        if self.done % TASKS_PER_CONNECTION == 0:
            self.connect()

    def run(self):
        self.connect()
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        while True:
            try:
                self.connection.process_data_events(time_limit=0 if self.backlog else 0.05)
                if self.backlog:
                    self.do_one()
            except AMQPError as error:
                print(f" [!] {error!r}, connecting again", flush=True)
                self.connect()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
