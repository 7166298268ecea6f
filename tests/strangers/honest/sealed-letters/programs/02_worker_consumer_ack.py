import os
import time

import pika

from sealing import unseal

QUEUE = "work_queues_1"


def on_letter(channel, method, properties, body):
    text = unseal(body)
    print(f" [x] Received {text!r}", flush=True)
    time.sleep(text.count("."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_letter)
    print(" [*] Waiting for letters. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
