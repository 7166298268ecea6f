import os
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pika

QUEUE = "work_queues_1"
ATTEMPTS = 2

pool = ThreadPoolExecutor(max_workers=ATTEMPTS)


def work(body):
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r}\n", end="", flush=True)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}\n", end="", flush=True)
    attempts = [pool.submit(work, body) for _ in range(ATTEMPTS)]
    done, slower = wait(attempts, return_when=FIRST_COMPLETED)
    for attempt in slower:
        attempt.cancel()
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
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
