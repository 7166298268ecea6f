"""Send messages, and a copy of every tenth to the auditors, if they listen."""
import sys
from datetime import datetime

import pika
from pika.exceptions import AMQPChannelError

QUEUE = "work_queues_1"
AUDIT = "work_audit"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)

    for number in range(1, count + 1):
        now = datetime.now()
        body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
        while True:
            try:
                if number % 10 == 0:
                    channel.basic_publish(exchange=AUDIT, routing_key="", body=body)
                channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
                break
            except AMQPChannelError as error:
                print(f" [!] {error!r}, on with a new channel")
                channel = connection.channel()
        print(f" [x] Sent {body!r}")

    connection.close()


if __name__ == "__main__":
    main()
