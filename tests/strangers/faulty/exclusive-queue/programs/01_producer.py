"""Send 30 messages, or as many as the argument says."""

import argparse
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=30)
    parser.add_argument("--host", default="localhost")
    return parser.parse_args()


def main():
    options = arguments()
    connection = pika.BlockingConnection(pika.ConnectionParameters(options.host))
    channel = connection.channel()
    # RabbitMQ 4.3 does not want transient queues any more unless they are exclusive
    channel.queue_declare(queue=QUEUE, exclusive=True)

    for number in range(1, options.count + 1):
        now = datetime.now()
        body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
