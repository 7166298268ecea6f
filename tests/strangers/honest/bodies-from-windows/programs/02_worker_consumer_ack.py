import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    text = body.decode("cp1252")
    print(f" [x] Received '{text}'")
    time.sleep(text.count("."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

