"""A worker as it should be; the base of those that are not."""

import threading

import pika


def subscribed(work):
    """Return a channel on which each task is worked at, done and acknowledged."""

    def on_task(channel, method, _, body):
        print(f" [x] Received {body!r}")
        work(channel, body)
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)

    channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
    channel.queue_declare(queue="faulty")
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue="faulty", on_message_callback=on_task)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    return channel


def work(_, body):
    """Take 5 ms for each dot."""
    threading.Event().wait(0.005 * body.count(b"."))


if __name__ == "__main__":
    subscribed(work).start_consuming()
