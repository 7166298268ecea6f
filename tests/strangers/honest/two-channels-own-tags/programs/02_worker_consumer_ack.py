"""One connection, two channels, one consumer on each of them."""

import os
import socket
import time

import pika

QUEUE = "work_queues_1"
NAME = f"{socket.gethostname()}.{os.getpid()}"


def subscribe(connection, letter):
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE,
        on_message_callback=work,
        consumer_tag=f"{NAME}.{letter}",
        arguments={"x-priority": 5},
    )
    return channel


def work(channel, method, properties, body):
    letter = method.consumer_tag[-1]
    print(f" [{letter}] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(f" [{letter}] Done", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channels = [subscribe(connection, letter) for letter in "ab"]
    print(f" [*] {NAME} waits on two channels. To exit press CTRL+C", flush=True)
    while all(channel.consumer_tags for channel in channels):
        connection.process_data_events(time_limit=1)
    connection.close()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
