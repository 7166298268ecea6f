import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


class Told(BaseException):
    """Somebody wants us to end."""


def on_signal(signum, frame):
    raise Told(signum)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    tag = channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    except Told as told:
        print(" [*] Giving everything back")
        channel.basic_cancel(tag)
        channel.basic_recover(requeue=True)
        connection.close()
        sys.exit(128 + told.args[0])


if __name__ == "__main__":
    main()
