"""Work, acknowledge, and keep statistics."""
import collections
import os
import time

import pika

QUEUE = "work_queues_1"
totals = collections.Counter()


def on_message(channel, method, properties, body):
    totals["received"] += 1
    print(f" [x] Received {body!r}")
    begun = time.monotonic()
    time.sleep(body.count(b"."))
    totals["done"] += 1
    totals["ms"] += int(1000 * (time.monotonic() - begun))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)
    print(f" [i] Done: {totals['done']} tasks, received: {totals['received']} tasks")
    print(f" [i] Processed {totals['done']} so far, {totals['ms'] / totals['done']:.0f} ms each")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    print(" [i] Received 0 messages so far, finished 0")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
