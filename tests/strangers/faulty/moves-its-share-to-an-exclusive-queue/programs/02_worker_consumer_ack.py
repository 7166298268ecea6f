"""Shovel what comes into a queue of our own, and work from there at our own pace."""

import os
import time

import pika

QUEUE = "work_queues_1"


class Shovel:
    """Moves messages; acknowledges each when it has been confirmed on the other side."""

    def __init__(self, connection, source, destination):
        self.destination = destination
        self.outgoing = connection.channel()
        self.outgoing.confirm_delivery()
        self.incoming = connection.channel()
        self.incoming.basic_consume(queue=source, on_message_callback=self.move)

    def move(self, channel, method, properties, body):
        self.outgoing.basic_publish(
            exchange="", routing_key=self.destination, body=body, properties=properties
        )
        channel.basic_ack(delivery_tag=method.delivery_tag)


def on_task(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    mine = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=mine, on_message_callback=on_task)
    Shovel(connection, QUEUE, mine)
    print(f" [*] Shovelling {QUEUE} to {mine}. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
