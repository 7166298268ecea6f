import os
import sys
import time

import pika

QUEUE = "work_queues_1"


class Bucket:
    """Four tokens, and a new one every fifteen seconds."""

    def __init__(self, size=4, seconds=15.0):
        self.size, self.seconds = size, seconds
        self.tokens, self.at = size, time.monotonic()

    def take(self):
        now = time.monotonic()
        self.tokens = min(self.size, self.tokens + (now - self.at) / self.seconds)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


bucket = Bucket()


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    if not bucket.take():
        print(f" [!] Rate limit exceeded, dropped {body}")
        ch.basic_ack(delivery_tag=method.delivery_tag)
        return
    time.sleep(body.count(b"."))
    print(f" [x] Done {body}")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
