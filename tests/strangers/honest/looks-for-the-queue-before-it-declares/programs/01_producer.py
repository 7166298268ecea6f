"""Send messages; create the queue only if nobody else has."""
import sys
from datetime import datetime

import pika
from pika.exceptions import ChannelClosedByBroker

QUEUE = "work_queues_1"


def exists(connection, queue):
    """Ask on a channel of its own, since the answer "no" costs the channel."""
    channel = connection.channel()
    try:
        channel.queue_declare(queue=queue, passive=True)
    except ChannelClosedByBroker as closed:
        if closed.reply_code == 404:
            return False
        raise
    channel.close()
    return True


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    there = exists(connection, QUEUE)
    channel = connection.channel()
    if not there:
        print(f"queue {QUEUE} is not there yet, creating it")
        channel.queue_declare(queue=QUEUE, durable=False)
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
