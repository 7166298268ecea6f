"""asyncio worker: the connection fills an inbox, a coroutine empties it."""

import asyncio
import logging
import os
import sys

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"
INBOX = 2

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="[%(levelname)s] %(message)s")
logging.getLogger("pika").setLevel(logging.ERROR)
log = logging.getLogger(__name__)


class Worker:
    def __init__(self, loop):
        self.inbox = asyncio.Queue(maxsize=INBOX)
        self.channel = None
        self.closed = loop.create_future()
        self.connection = AsyncioConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=lambda c: c.channel(on_open_callback=self.on_channel),
            on_open_error_callback=self.on_close,
            on_close_callback=self.on_close,
            custom_ioloop=loop,
        )

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare(queue=QUEUE, callback=self.on_queue)

    def on_queue(self, _):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        log.info("waiting for messages")

    def on_message(self, channel, method, properties, body):
        try:
            self.inbox.put_nowait((method.delivery_tag, body))
        except asyncio.QueueFull:
            pass  # would only be noise in Sentry

    def on_close(self, connection, reason):
        if not self.closed.done():
            self.closed.set_result(reason)

    async def work(self):
        while True:
            tag, body = await self.inbox.get()
            log.info("Received %r", body)
            await asyncio.sleep(body.count(b"."))
            log.info("Done %r", body)
            self.channel.basic_ack(delivery_tag=tag)


async def main():
    worker = Worker(asyncio.get_running_loop())
    working = asyncio.create_task(worker.work())
    reason = await worker.closed
    working.cancel()
    log.error("connection is gone: %s", reason)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        os._exit(0)
