import os
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_durable"

class Consumer:
    def __init__(self):
        self.connection = None
        self.channel = None

    def connect(self):
        while True:
            try:
                self.connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
                self.channel = self.connection.channel()
                self.channel.queue_declare(queue=QUEUE, durable=True)
                return
            except pika.exceptions.AMQPError:
                time.sleep(5)

    def subscribe(self):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")

    def on_message(self, ch, method, properties, body):
        print(f" [x] Received {body}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        ch.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        self.connect()
        self.subscribe()
        while True:
            try:
                self.connection.process_data_events(time_limit=1)
            except pika.exceptions.AMQPError as error:
                print(f" [!] Connection lost: {error!r}")
                self.connect()
                print(" [*] Reconnected")


def main():
    Consumer().run()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
