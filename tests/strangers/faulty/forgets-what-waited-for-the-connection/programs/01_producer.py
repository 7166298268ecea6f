"""Asynchronous producer: one may send before the connection is there."""

import asyncio
import sys
from datetime import datetime

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"
LEFT_OVER = 8  # what the day before has left


class Producer:
    def __init__(self, loop):
        self.loop = loop
        self.ready = loop.create_future()
        self.closed = loop.create_future()
        self.channel = None
        self.waiting = []
        self.connection = AsyncioConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.on_open,
            on_open_error_callback=lambda _, error: self.ready.set_exception(error),
            on_close_callback=self.on_close,
            custom_ioloop=loop,
        )

    def on_open(self, connection):
        self.waiting = []
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        channel.queue_declare(queue=QUEUE, callback=lambda _: self.on_queue(channel))

    def on_queue(self, channel):
        self.channel = channel
        for body in self.waiting:
            self.publish(body)
        self.waiting.clear()
        self.ready.set_result(None)

    def on_close(self, connection, reason):
        self.closed.set_result(reason)

    def publish(self, body):
        self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body)

    def send(self, body):
        if self.channel is None:
            self.waiting.append(body)
        else:
            self.publish(body)
        print(f" [x] Sent {body!r}")

    async def close(self):
        self.connection.close()
        await self.closed


def message(number):
    return f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"


async def main(count):
    producer = Producer(asyncio.get_running_loop())
    for number in range(1, min(LEFT_OVER, count) + 1):
        producer.send(message(number))
    await producer.ready
    for number in range(LEFT_OVER + 1, count + 1):
        producer.send(message(number))
    await producer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
