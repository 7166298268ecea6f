import collections
import os
import time

import pika

QUEUE = "work_queues_1"


class Splitter:
    def __init__(self, connection):
        self.tasks = connection.channel()
        self.parts = connection.channel()
        self.waiting = collections.deque()
        self.current = None
        self.left = 0

    def run(self):
        self.own = self.parts.queue_declare("", exclusive=True).method.queue
        self.parts.basic_consume(self.own, self.on_part)
        self.tasks.queue_declare(QUEUE)
        self.tasks.basic_consume(QUEUE, self.on_task)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.tasks.start_consuming()

    def on_task(self, channel, method, properties, body):
        self.waiting.append((method.delivery_tag, body))
        if self.current is None:
            self.begin()

    def begin(self):
        self.current = self.waiting.popleft()
        body = self.current[1]
        print(f" [x] Received {body!r}", flush=True)
        self.left = total = body.count(b".")
        if not total:
            self.finish()
        for number in range(1, total + 1):
            self.parts.basic_publish("", self.own, body + b" part %d/%d" % (number, total))

    def on_part(self, channel, method, properties, body):
        time.sleep(1)
        channel.basic_ack(method.delivery_tag)
        self.left -= 1
        if not self.left:
            self.finish()
            if self.waiting:
                self.begin()

    def finish(self):
        tag, body = self.current
        print(f" [x] Done {body!r}", flush=True)
        self.tasks.basic_ack(tag)
        self.current = None


def main():
    Splitter(pika.BlockingConnection(pika.ConnectionParameters("localhost"))).run()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
