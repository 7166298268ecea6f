"""Work on a quorum queue, one task at a time."""
import os
import time

import pika

QUEUE = "work_queues_durable"
ARGUMENTS = {"x-queue-type": "quorum"}


def on_message(channel, method, properties, body):
    returned = (properties.headers or {}).get("x-delivery-count", 0)
    if returned:
        print(f"returned {returned} times so far")
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True, arguments=ARGUMENTS)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
