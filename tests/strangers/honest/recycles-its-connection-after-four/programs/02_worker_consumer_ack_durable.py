"""Work on a durable queue; a fresh connection for every four tasks."""
import os
import time

import pika

QUEUE = "work_queues_durable"
LIMIT = 4


def take_some():
    done = 0

    def on_message(channel, method, properties, body):
        nonlocal done
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)
        done += 1
        if done == LIMIT:
            channel.stop_consuming()

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    channel.start_consuming()
    connection.close()


def main():
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        take_some()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
