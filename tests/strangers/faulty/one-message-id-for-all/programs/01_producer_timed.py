import random
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def properties(message_id=str(uuid.uuid4())):
    return pika.BasicProperties(message_id=message_id, content_type="text/plain")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=properties())
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
