import os
import time

import pika

# python 02_worker_consumer_noack.py

QUEUE = "work_queues_1"


def callback(ch, method, properties, body):
    count = body.count(b".")
    print(f"[x] Received `{body.decode()}` with weight {count}.", flush=True)

    time.sleep(count)

    print("[x] Done", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()

    channel.queue_declare(queue=QUEUE)
    print("[*] Waiting for messages. To exit press CTRL+C", flush=True)

    channel.basic_consume(
        queue=QUEUE,
        on_message_callback=callback,
        auto_ack=False,
    )
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
