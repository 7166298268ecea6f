"""Three tasks at a time."""

import functools
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pika

QUEUE = "work_queues_1"


class Task:
    def __init__(self, channel, method, body):
        self.channel = channel
        self.tag = method.delivery_tag
        self.first_time = not method.redelivered
        self.body = body

    def soon(self, action, *args, **kwargs):
        self.channel.connection.add_callback_threadsafe(
            functools.partial(action, *args, **kwargs)
        )

    def ack(self):
        self.soon(self.channel.basic_ack, self.tag)

    def nack(self):
        self.soon(self.channel.basic_nack, self.tag, True)

    def run(self):
        print(f" [x] Received {self.body!r}")
        if self.first_time and int(self.body.split()[2]) % 4 == 0:
            print(f" [!] Not yet possible, given back: {self.body!r}")
            self.nack()
            return
        time.sleep(self.body.count(b"."))
        print(f" [x] Done {self.body!r}")
        self.ack()


def main():
    pool = ThreadPoolExecutor(max_workers=3)
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE,
        on_message_callback=lambda ch, method, _, body: pool.submit(Task(ch, method, body).run),
    )
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
