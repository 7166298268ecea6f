import os
import time

import pika

QUEUE = "work_queues_1"


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.subscribe()

    def subscribe(self):
        self.tag = self.channel.basic_consume(QUEUE, self.on_message, auto_ack=True)

    def on_message(self, channel, method, properties, body):
        # Nothing more, please, while we are busy.
        channel.basic_cancel(self.tag)
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        self.subscribe()


if __name__ == "__main__":
    try:
        worker = Worker()
        print(" [*] Waiting for messages. To exit press CTRL+C")
        worker.channel.start_consuming()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
