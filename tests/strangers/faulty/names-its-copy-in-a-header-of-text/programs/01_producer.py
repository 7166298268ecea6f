"""Send messages; the auditors get a copy of each."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
AUDIT = "work_queues_audit"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    with_copy = pika.BasicProperties(content_type="text/plain", headers={"CC": AUDIT})
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=with_copy)
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
