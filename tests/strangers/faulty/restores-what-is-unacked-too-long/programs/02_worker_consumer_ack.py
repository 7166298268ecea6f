"""Worker with a visibility timeout: what is not acknowledged in time is restored to the queue."""

import collections
import functools
import os
import threading
import time

import pika

QUEUE = "work_queues_1"
VISIBILITY_TIMEOUT = 5.0
TICK = 0.5


class Worker:
    def __init__(self):
        self.backlog = collections.deque()
        self.some = threading.Semaphore(0)
        self.unacked = {}
        self.lock = threading.Lock()
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        restored = bool((properties.headers or {}).get("x-restored"))
        with self.lock:
            if not restored:
                self.unacked[method.delivery_tag] = [0.0, body]
        if restored:
            self.backlog.appendleft((method.delivery_tag, body))  # it has waited long enough
        else:
            self.backlog.append((method.delivery_tag, body))
        self.some.release()

    def work(self):
        while True:
            self.some.acquire()
            tag, body = self.backlog.popleft()
            print(f" [x] Received {body!r}", flush=True)
            time.sleep(body.count(b"."))
            print(f" [x] Done {body!r}", flush=True)
            with self.lock:
                self.unacked.pop(tag, None)
            self.connection.add_callback_threadsafe(functools.partial(self.channel.basic_ack, tag))

    def restore_visible(self):
        while True:
            time.sleep(TICK)
            with self.lock:
                for tag, entry in list(self.unacked.items()):
                    entry[0] += TICK
                    if entry[0] >= VISIBILITY_TIMEOUT:
                        del self.unacked[tag]
                        print(f" [!] Restoring {entry[1]!r}", flush=True)
                        self.connection.add_callback_threadsafe(
                            functools.partial(self.publish, entry[1])
                        )

    def publish(self, body):
        properties = pika.BasicProperties(headers={"x-restored": True})
        self.channel.basic_publish("", QUEUE, body, properties)

    def run(self):
        for target in (self.work, self.restore_visible):
            threading.Thread(target=target, daemon=True).start()
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        os._exit(0)
