"""Each task has an ETA: it may be begun half a second after it was sent."""

import heapq
import os
import time
from datetime import datetime

import pika

QUEUE = "work_queues_durable"
COUNTDOWN = 0.5


def eta(body):
    sent = datetime.strptime(body[:26].decode(), "%Y-%m-%d %H:%M:%S.%f")
    return sent.timestamp() + COUNTDOWN


class Timer:
    """Hands out what is due, the earliest first."""

    def __init__(self):
        self.heap = []

    def add(self, when, tag, body):
        heapq.heappush(self.heap, (when, tag, body))

    def due(self):
        # not time.time(): the clock may be set while we wait
        while self.heap and self.heap[0][0] <= time.monotonic():
            yield heapq.heappop(self.heap)


class Worker:
    def __init__(self):
        self.timer = Timer()
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.schedule)

    def schedule(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        self.timer.add(eta(body), method.delivery_tag, body)

    def work(self, tag, body):
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}", flush=True)
        self.channel.basic_ack(delivery_tag=tag)

    def run(self):
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        while True:
            self.connection.process_data_events(time_limit=0.1)
            for _, tag, body in self.timer.due():
                self.work(tag, body)


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
