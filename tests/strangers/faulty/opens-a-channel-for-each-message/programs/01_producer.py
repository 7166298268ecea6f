"""Send messages, each over a channel of its own."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Mailer:
    def __init__(self):
        # The operators allow each application sixteen channels.
        self.connection = pika.BlockingConnection(
            pika.ConnectionParameters("localhost", channel_max=16)
        )

    def send(self, body):
        channel = self.connection.channel()
        channel.queue_declare(queue=QUEUE)
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f" [x] Sent {body!r}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    print(f" [*] {count} messages to send")
    mailer = Mailer()
    for number in range(1, count + 1):
        mailer.send(f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}")
    mailer.connection.close()
    print(" [*] All sent")


if __name__ == "__main__":
    main()
