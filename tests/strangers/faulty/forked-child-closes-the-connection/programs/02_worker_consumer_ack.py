"""A process for each task, rq-like: what a task leaks is gone with its process."""
import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def perform(body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")


def work_horse(body):
    """Run the task in a child of its own; return whether it went well."""
    child = os.fork()
    if child == 0:
        perform(body)
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def on_message(channel, method, properties, body):
    if work_horse(body):
        channel.basic_ack(delivery_tag=method.delivery_tag)
    else:
        channel.basic_nack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    try:
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE)
        channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        channel.start_consuming()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
