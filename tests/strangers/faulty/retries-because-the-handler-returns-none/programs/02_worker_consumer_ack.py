import os
import time

import pika

QUEUE = "work_queues_1"
ATTEMPTS = 2


def process(body):
    """Do the task: one second for each dot."""
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)


def with_retries(function, *args):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            if function(*args):
                return True
        except Exception as error:
            print(f" [!] attempt {attempt}: {error!r}", flush=True)
        # transient trouble (database, network): give it a moment
        time.sleep(0.5)
    return False


def on_message(channel, method, properties, body):
    with_retries(process, body)
    # after the last attempt it is acknowledged in any case, else it would block the queue
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
