"""Worker on the durable queue that does nothing twice."""

import os
import time
import zlib

import pika

QUEUE = "work_queues_durable"


class Seen:
    """Remembers what was done, in a fixed amount of memory."""

    SLOTS = 256

    def __init__(self):
        self.slots = bytearray(self.SLOTS)

    def add(self, body):
        """Return whether it is new."""
        slot = zlib.crc32(body) % self.SLOTS
        new = not self.slots[slot]
        self.slots[slot] = 1
        return new


seen = Seen()


def on_message(channel, method, properties, body):
    if seen.add(body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
