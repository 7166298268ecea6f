import os
import sys
import time

import pika

QUEUE = "work_queues_1"
ACK = True      # we want acknowledgements, see the lesson


def log(text):
    print(text)
    sys.stdout.flush()


def on_message(channel, method, properties, body):
    log(" [x] Received %r" % (body,))
    work(body)
    log(" [x] Done")


def work(body):
    seconds = body.count(b".")
    for _ in range(seconds):
        time.sleep(1)


def main():
    params = pika.ConnectionParameters("localhost")
    connection = pika.BlockingConnection(params)
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, on_message, ACK)
    log(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log("Interrupted")
        os._exit(0)
