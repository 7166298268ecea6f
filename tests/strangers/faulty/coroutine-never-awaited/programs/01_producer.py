import asyncio
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


async def send(channel, body):
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)


async def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        send(channel, body)
        print(f" [x] Sent {body!r}")
    connection.close()


asyncio.run(main())
