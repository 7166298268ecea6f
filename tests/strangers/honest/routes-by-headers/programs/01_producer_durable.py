import random
import sys
from datetime import datetime

import pika
from pika.exchange_type import ExchangeType

EXCHANGE = "agreements"
BINDINGS = {
    "work_queues_durable": {"x-match": "all", "kind": "task", "format": "text"},
    "reports_as_pdf": {"x-match": "any", "kind": "report", "format": "pdf"},
}


def declare(channel):
    channel.exchange_declare(EXCHANGE, ExchangeType.headers, durable=True)
    for queue, arguments in BINDINGS.items():
        channel.queue_declare(queue, durable=True)
        channel.queue_bind(queue, EXCHANGE, arguments=arguments)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.confirm_delivery()
    declare(channel)
    for number in range(1, count + 1):
        dots = "." * random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
        channel.basic_publish(
            EXCHANGE,
            "",
            body,
            pika.BasicProperties(
                delivery_mode=2,
                headers={"kind": "task", "format": "text", "number": number, "urgent": False},
            ),
            mandatory=True,
        )
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
