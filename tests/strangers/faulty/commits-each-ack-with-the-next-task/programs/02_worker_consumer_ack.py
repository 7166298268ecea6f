"""Transacted listener: what a task did and its acknowledgement become valid together."""
import os
import time

import pika

QUEUE = "work_queues_1"


class TransactedListener:
    def __init__(self, channel):
        self.channel = channel
        self.channel.tx_select()
        self.open_transaction = False

    def begin(self):
        """Finish the transaction of the task before, and begin a new one."""
        if self.open_transaction:
            self.channel.tx_commit()
        self.open_transaction = True

    def __call__(self, channel, method, properties, body):
        self.begin()
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=TransactedListener(channel))
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
