"""Work on a durable queue; come back when the server does."""
import os
import time

import pika
from pika.exceptions import AMQPConnectionError, ChannelWrongStateError

QUEUE = "work_queues_durable"


class Worker:
    def __init__(self):
        self.number = 0  # of the task that we are at

    def on_message(self, channel, method, properties, body):
        self.number += 1
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=self.number)

    def consume(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE, durable=True)
        channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        channel.start_consuming()

    def run(self):
        while True:
            try:
                self.consume()
            except (AMQPConnectionError, ChannelWrongStateError) as error:
                print(f" [!] {error!r}, trying again")
                time.sleep(5)


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
