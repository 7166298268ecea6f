"""Publish from a thread of its own, so that the caller never waits for the network."""

import queue
import sys
import threading
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class IOThread(threading.Thread):
    """Owns the connection: sends what is put on the outbox, answers heartbeats in between."""

    def __init__(self):
        super().__init__(name="rabbit-io")
        self.outbox = queue.Queue()
        self.ready = threading.Event()

    def run(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE)
        self.ready.set()
        while True:
            try:
                body = self.outbox.get(timeout=0.2)
            except queue.Empty:
                connection.process_data_events()
                continue
            channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            self.outbox.task_done()

    def publish(self, body):
        self.outbox.put(body)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    rabbit = IOThread()
    rabbit.start()
    rabbit.ready.wait()
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        rabbit.publish(body)
        print(f" [x] Sent {body!r}", flush=True)
    rabbit.outbox.join()
    print(" [*] All sent, good bye", flush=True)


if __name__ == "__main__":
    main()
