"""Send tasks; who consumes them declares the queue, as our rules say."""
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    depth = channel.queue_declare(queue=QUEUE, passive=True).method.message_count
    print(f"{depth} waiting before we begin")
    for number in range(1, count + 1):
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
