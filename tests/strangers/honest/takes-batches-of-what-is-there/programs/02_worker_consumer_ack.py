import os
import queue
import sys
import threading
import time

import pika


class RabbitConsumer:
    def __init__(self, name, prefetch):
        self.name = name
        self.prefetch = prefetch
        self.inbox = queue.Queue()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
            self.channel = self.connection.channel()
            self.channel.queue_declare(queue=self.name)
            self.channel.basic_qos(prefetch_count=self.prefetch)
            self.channel.basic_consume(queue=self.name, on_message_callback=self._on_message)
            print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
            self.channel.start_consuming()
        finally:
            self.inbox.put(None)

    def _on_message(self, channel, method, properties, body):
        self.inbox.put((method.delivery_tag, body))

    def iter_batch(self, max_batch_size):
        while True:
            batch = [self.inbox.get()]
            while len(batch) < max_batch_size:
                try:
                    batch.append(self.inbox.get_nowait())
                except queue.Empty:
                    break
            if None in batch:
                return
            yield [body for _, body in batch], [tag for tag, _ in batch]

    def ack(self, tags):
        self.connection.add_callback_threadsafe(lambda: self._ack(tags))

    def _ack(self, tags):
        for tag in tags:
            self.channel.basic_ack(tag)


def main():
    consumer = RabbitConsumer("work_queues_1", prefetch=200)
    for batch, tags in consumer.iter_batch(4):
        for body in batch:
            print(f" [x] Received {body!r}", flush=True)
            time.sleep(body.count(b"."))
            print(f" [x] Done {body!r}", flush=True)
        consumer.ack(tags)
    sys.exit("the consumer's thread has ended")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
