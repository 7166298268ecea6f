"""Cron-like worker: empties the queue in rounds, without a subscription."""
import os
import time

import pika

QUEUE = "work_queues_1"
PAUSE_S = 0.1


class Poller:
    def __init__(self, queue):
        self.queue = queue
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=queue)

    def take(self):
        return self.channel.basic_get(queue=self.queue, auto_ack=True)

    def round(self):
        method, _, body = self.take()
        while method is not None and method.message_count:
            self.work(body)
            method, _, body = self.take()

    def work(self, body):
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")

    def run(self):
        print(" [*] Waiting for messages. To exit press CTRL+C")
        while True:
            self.round()
            self.connection.process_data_events(time_limit=PAUSE_S)


if __name__ == "__main__":
    try:
        Poller(QUEUE).run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
