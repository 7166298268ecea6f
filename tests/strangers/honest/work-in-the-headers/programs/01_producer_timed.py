"""Send jobs without a body: all that a worker needs to know is in the headers."""

import random
import sys
import uuid

import pika

QUEUE = "jobs_by_header"


def job():
    return pika.BasicProperties(
        message_id=uuid.uuid4().hex,
        type="sleep",
        headers={"seconds": random.randint(1, 10)},
    )


def main(count):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for _ in range(count):
        properties = job()
        channel.basic_publish(exchange="", routing_key=QUEUE, body=b"", properties=properties)
        print(f"sent job {properties.message_id} ({properties.headers['seconds']} s)")
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
