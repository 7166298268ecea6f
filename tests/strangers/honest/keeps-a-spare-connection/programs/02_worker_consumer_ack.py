import os
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_1"

PARAMETERS = pika.ConnectionParameters(host="localhost")


def connect():
    while True:
        try:
            return pika.BlockingConnection(PARAMETERS)
        except (pika.exceptions.AMQPError, OSError):
            time.sleep(5)


def is_alive(connection):
    try:
        connection.process_data_events()
    except pika.exceptions.AMQPError:
        return False
    return connection.is_open


def consume(active, spare):
    def callback(ch, method, properties, body):
        print(f" [x] Received {body}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        ch.basic_ack(delivery_tag=method.delivery_tag)
        is_alive(spare)

    channel = active.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


def main():
    active, spare = connect(), connect()
    while True:
        try:
            consume(active, spare)
            return
        except pika.exceptions.AMQPError as error:
            print(f" [!] {error!r}, going over to the spare connection")
            active = spare if is_alive(spare) else connect()
            spare = connect()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
