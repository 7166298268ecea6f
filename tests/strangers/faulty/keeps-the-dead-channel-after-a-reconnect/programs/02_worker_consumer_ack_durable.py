"""Worker with lazy set-up: what is not there yet is made when it is needed."""
import os
import threading
import time

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_durable"


class Session:
    def __init__(self):
        self.connection = None
        self.channel = None

    def ensure_connection(self):
        if self.connection is None or self.connection.is_closed:
            self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
            print(" [*] connected")

    def ensure_subscribed(self):
        if self.channel is None:
            self.channel = self.connection.channel()
            self.channel.queue_declare(queue=QUEUE, durable=True)
            self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
            print(" [*] Waiting for messages. To exit press CTRL+C")

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        while True:
            try:
                self.ensure_connection()
                self.ensure_subscribed()
                self.connection.process_data_events(time_limit=1)
            except AMQPError as error:
                print(f"connection lost ({type(error).__name__}), trying again")
                threading.Event().wait(0.2)


if __name__ == "__main__":
    try:
        Session().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
