"""Send persistent tasks; every fourth one is to start a little later."""

import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"


class DelayQueue:
    """What is sent here comes to the queue of the tasks when its time is up."""

    def __init__(self, channel, target, milliseconds):
        self.channel = channel
        self.name = f"{target}.delay.{milliseconds}"
        channel.queue_declare(
            queue=self.name,
            durable=True,
            arguments={
                "x-message-ttl": milliseconds,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": target,
                # such queues are temporary: nobody needs it when the delay is over
                "x-expires": milliseconds,
            },
        )


def publish(channel, queue, body):
    channel.basic_publish(
        exchange="",
        routing_key=queue,
        body=body,
        properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent),
    )


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare(queue=QUEUE, durable=True)
    later = DelayQueue(channel, QUEUE, 400)

    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
        if number % 4 == 0:
            publish(channel, later.name, body)
            print(f" [x] Sent {body!r} (delayed)")
        else:
            publish(channel, QUEUE, body)
            print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
