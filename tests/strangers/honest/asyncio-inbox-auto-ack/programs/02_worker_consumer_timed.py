"""Receive into an inbox, work in a coroutine."""
import asyncio
import os

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"


class Worker:
    def __init__(self):
        self.inbox = asyncio.Queue()
        self.connection = AsyncioConnection(
            pika.ConnectionParameters("localhost"), on_open_callback=self.on_open
        )

    def on_open(self, connection):
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        channel.queue_declare(queue=QUEUE, callback=lambda _: self.subscribe(channel))

    def subscribe(self, channel):
        channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message, auto_ack=True)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)

    def on_message(self, channel, method, properties, body):
        self.inbox.put_nowait(body)

    async def work(self):
        while True:
            body = await self.inbox.get()
            print(f" [x] Received {body!r}", flush=True)
            await asyncio.sleep(body.count(b"."))
            print(" [x] Done", flush=True)


async def run():
    await Worker().work()


def main():
    asyncio.run(run())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
