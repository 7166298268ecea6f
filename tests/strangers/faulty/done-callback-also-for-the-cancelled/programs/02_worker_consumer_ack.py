import functools
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pika

QUEUE = "work_queues_1"


class Worker:
    def __init__(self):
        self.stopping = threading.Event()
        self.pool = ThreadPoolExecutor(max_workers=1)
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def work(self, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}", flush=True)

    def on_message(self, channel, method, properties, body):
        future = self.pool.submit(self.work, body)
        future.add_done_callback(functools.partial(self.finished, method.delivery_tag))

    def finished(self, tag, future):
        acknowledge = functools.partial(self.channel.basic_ack, delivery_tag=tag)
        self.connection.add_callback_threadsafe(acknowledge)

    def run(self):
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        while not self.stopping.is_set():
            self.connection.process_data_events(time_limit=0.05)
        print(" [*] Finishing what is in hand", flush=True)
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.connection.process_data_events(time_limit=0)
        self.connection.close()


if __name__ == "__main__":
    worker = Worker()
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    try:
        worker.run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
