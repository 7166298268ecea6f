import os
import queue
import threading
import time

import pika

QUEUE = "work_queues_1"


class Worker:
    """Receives in the main thread, works in a second one, acknowledges in bulk."""

    def __init__(self):
        self.backlog = queue.Queue()
        self.last_tag = 0
        self.acked = 0
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)

    def on_message(self, channel, method, properties, body):
        self.last_tag = method.delivery_tag
        self.backlog.put(body)

    def acknowledge(self):
        # One frame for many messages: a lot less traffic than one ack each.
        if self.last_tag > self.acked:
            self.acked = self.last_tag
            self.channel.basic_ack(delivery_tag=self.last_tag, multiple=True)

    def work(self):
        while True:
            body = self.backlog.get()
            print(f" [x] Received {body!r}", flush=True)
            time.sleep(body.count(b"."))
            print(" [x] Done", flush=True)
            # pika is not thread-safe, so the ack has to go through the main thread
            self.connection.add_callback_threadsafe(self.acknowledge)

    def run(self):
        threading.Thread(target=self.work, daemon=True).start()
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
