"""Work on a durable queue, and hold one task at a time."""
import os
import time

import pika

QUEUE = "work_queues_durable"


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.basic_qos(prefetch_count=1)
        self.subscribe()

    def subscribe(self):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        self.subscribe()
        print(" [*] Waiting for messages. To exit press CTRL+C")
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
