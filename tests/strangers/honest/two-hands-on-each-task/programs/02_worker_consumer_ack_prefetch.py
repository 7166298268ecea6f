import os
import time
from concurrent.futures import ThreadPoolExecutor

import pika

QUEUE = "work_queues_durable"

hands = ThreadPoolExecutor(2, thread_name_prefix="hand")


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    seconds = body.count(b".")
    for half in [hands.submit(time.sleep, n) for n in (seconds - seconds // 2, seconds // 2)]:
        half.result()
    print(" [x] Done", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(QUEUE, on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

