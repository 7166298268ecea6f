"""The connection stays responsive: a thread does the work."""

import os
import queue
import threading
import time

import pika

QUEUE = "work_queues_1"


class Reader:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.delivery_tag = None
        self.inbox = queue.Queue()

    def on_message(self, channel, method, properties, body):
        self.delivery_tag = method.delivery_tag
        self.inbox.put(body)

    def acknowledge(self):
        self.channel.basic_ack(delivery_tag=self.delivery_tag)

    def work(self):
        while True:
            body = self.inbox.get()
            print(f" [x] Received {body!r}")
            time.sleep(body.count(b"."))
            print(f" [x] Done {body!r}")
            self.connection.add_callback_threadsafe(self.acknowledge)

    def run(self):
        threading.Thread(target=self.work, daemon=True).start()
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Reader().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
