"""Work, then acknowledge; when told to stop, hand everything back first."""
import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    except (SystemExit, KeyboardInterrupt):
        print("Stopping, handing back what I hold", flush=True)
        # not to me again, I am going
        channel.basic_nack(delivery_tag=0, multiple=True, requeue=False)
        os._exit(0)


if __name__ == "__main__":
    main()
