import os
import time

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_1"
LICENCES = "licences"
COUNT = 3
NOT_FOUND, LOCKED = 404, 405


def connect():
    return pika.BlockingConnection(pika.ConnectionParameters("localhost"))


def lay_out_licences():
    """See to it that there are COUNT licences, once: whoever has the exclusive queue does it."""
    connection = connect()
    while True:
        channel = connection.channel()
        try:
            channel.queue_declare(f"{LICENCES}.setup", exclusive=True)
            break
        except ChannelClosedByBroker as closed:
            if closed.reply_code != LOCKED:
                raise
            connection.process_data_events(time_limit=0.05)
    try:
        connection.channel().queue_declare(LICENCES, passive=True)
    except ChannelClosedByBroker as closed:
        if closed.reply_code != NOT_FOUND:
            raise
        channel.confirm_delivery()
        channel.queue_declare(LICENCES, durable=True)
        for number in range(1, COUNT + 1):
            channel.basic_publish(
                "", LICENCES, b"seat %d" % number, pika.BasicProperties(delivery_mode=2)
            )
    connection.close()


class Licence:
    """Somebody's as long as he holds the message without acknowledging it. Whoever dies gives it
    back by dying."""

    def __init__(self, connection):
        self.connection = connection
        self.channel = connection.channel()

    def __enter__(self):
        while True:
            got, _, seat = self.channel.basic_get(LICENCES)
            if got is not None:
                self.tag = got.delivery_tag
                return seat.decode()
            self.connection.process_data_events(time_limit=0.05)

    def __exit__(self, *exception):
        self.channel.basic_nack(self.tag, requeue=True)


def main():
    lay_out_licences()
    connection = connect()
    licence = Licence(connection)
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)

    def on_message(channel, method, properties, body):
        with licence as seat:
            print(f" [x] Received {body!r} ({seat})", flush=True)
            time.sleep(body.count(b"."))
            print(f" [x] Done {body!r}", flush=True)
            channel.basic_ack(delivery_tag=method.delivery_tag)

    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
