"""Work on a durable queue, with the next task at hand when one is done."""
import os
import time

import pika

QUEUE = "work_queues_durable"


def work(channel, method, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def on_message(channel, method, properties, body):
    ahead, _, next_body = channel.basic_get(queue=QUEUE)
    work(channel, method, body)
    if ahead is not None:
        work(channel, ahead, next_body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
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
