import functools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pika

QUEUE = "work_queues_durable"


class Cursor:
    """Knows up to which tag everything is done; lives in the connection's thread."""

    def __init__(self):
        self.settled = 0
        self.finished = set()

    def finish(self, channel, tag):
        self.finished.add(tag)
        upto = self.settled
        while upto + 1 in self.finished:
            upto += 1
            self.finished.remove(upto)
        if upto > self.settled:
            channel.basic_ack(delivery_tag=upto, multiple=True)
            self.settled = upto


cursor = Cursor()
pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="work")


def work(ch, tag, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(f" [x] Done {body}")
    ch.connection.add_callback_threadsafe(functools.partial(cursor.finish, ch, tag))


def callback(ch, method, properties, body):
    pool.submit(work, ch, method.delivery_tag, body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
