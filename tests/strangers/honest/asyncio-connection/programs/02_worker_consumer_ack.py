"""Worker for the first queue, written with asyncio.

pika calls us back when a message is there; one coroutine takes them one by one. The slow part
runs in the executor so that the event loop can answer the broker's heartbeats meanwhile.
"""

import asyncio
import time

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"


class Worker:
    def __init__(self, loop):
        self.loop = loop
        self.inbox = asyncio.Queue()
        self.closed = loop.create_future()
        self.channel = None

    def connect(self):
        return AsyncioConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.on_open,
            on_open_error_callback=self.on_end,
            on_close_callback=self.on_end,
            custom_ioloop=self.loop,
        )

    def on_open(self, connection):
        connection.channel(on_open_callback=self.on_channel)

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare(queue=QUEUE, callback=self.on_declared)

    def on_declared(self, frame):
        self.channel.basic_consume(QUEUE, self.on_message)
        print(" [*] Waiting for messages (asyncio). To exit press CTRL+C", flush=True)

    def on_message(self, channel, method, properties, body):
        self.inbox.put_nowait((method.delivery_tag, body))

    def on_end(self, connection, reason):
        if not self.closed.done():
            self.closed.set_exception(reason)

    async def work(self):
        while True:
            tag, body = await self.inbox.get()
            print(f" [x] Received {body!r}", flush=True)
            await self.loop.run_in_executor(None, time.sleep, body.count(b"."))
            print(" [x] Done", flush=True)
            self.channel.basic_ack(tag)


async def main():
    worker = Worker(asyncio.get_running_loop())
    worker.connect()
    working = asyncio.create_task(worker.work())
    await asyncio.wait({working, worker.closed}, return_when=asyncio.FIRST_COMPLETED)
    for ended in (working, worker.closed):
        if ended.done():
            ended.result()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("Interrupted")
