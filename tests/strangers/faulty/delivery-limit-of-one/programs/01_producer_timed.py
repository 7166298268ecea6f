import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(
        queue=QUEUE, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 1}
    )
    for i in range(1, count + 1):
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {'.' * random.randint(1, 10)}"
        channel.basic_publish(
            exchange="", routing_key=QUEUE, body=body, properties=pika.BasicProperties(delivery_mode=2)
        )
        print(f" [x] Sent {body!r}")
    connection.close()


main()
