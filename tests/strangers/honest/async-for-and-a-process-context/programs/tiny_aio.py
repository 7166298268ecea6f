"""What one knows from other asyncio clients, on top of pika: async with, async for, process()."""

import asyncio
from contextlib import asynccontextmanager

import pika
from pika.adapters.asyncio_connection import AsyncioConnection


class IncomingMessage:
    def __init__(self, channel, method, properties, body):
        self.channel, self.properties, self.body = channel, properties, body
        self.delivery_tag = method.delivery_tag
        self.redelivered = method.redelivered

    @asynccontextmanager
    async def process(self):
        """Acknowledge at the end; give back after an exception; leave it if we are cancelled."""
        try:
            yield self
        except Exception:
            self.channel.basic_reject(self.delivery_tag, requeue=True)
            raise
        self.channel.basic_ack(self.delivery_tag)


class QueueIterator:
    def __init__(self, connection, channel, name):
        self.connection, self.channel, self.name = connection, channel, name
        self.messages = asyncio.Queue()

    def on_message(self, *delivery):
        self.messages.put_nowait(IncomingMessage(*delivery))

    async def __aenter__(self):
        consuming = await self.connection.call(
            self.channel.basic_consume, self.name, on_message_callback=self.on_message
        )
        self.tag = consuming.method.consumer_tag
        return self

    async def __aexit__(self, *exception):
        if self.channel.is_open:
            self.channel.basic_cancel(self.tag)

    def __aiter__(self):
        return self

    async def __anext__(self):
        coming = asyncio.ensure_future(self.messages.get())
        await asyncio.wait({coming, self.connection.closed}, return_when=asyncio.FIRST_COMPLETED)
        if self.connection.closed.done():
            coming.cancel()
            raise ConnectionError(str(self.connection.closed.result()))
        return coming.result()


class Connection:
    def __init__(self, parameters):
        loop = asyncio.get_running_loop()
        self.opened, self.closed = loop.create_future(), loop.create_future()
        self.pika = AsyncioConnection(
            parameters,
            on_open_callback=self.opened.set_result,
            on_open_error_callback=lambda connection, error: self.opened.set_exception(
                ConnectionError(str(error))
            ),
            on_close_callback=lambda connection, reason: self.closed.set_result(reason),
            custom_ioloop=loop,
        )

    async def call(self, method, *arguments, **named):
        """Call a method of pika's and wait for what it gives to its callback."""
        answer = asyncio.get_running_loop().create_future()
        method(*arguments, callback=answer.set_result, **named)
        return await answer

    async def channel(self):
        opened = asyncio.get_running_loop().create_future()
        self.pika.channel(on_open_callback=opened.set_result)
        return await opened

    async def __aenter__(self):
        await self.opened
        return self

    async def __aexit__(self, *exception):
        if self.pika.is_open:
            self.pika.close()
            await self.closed


def connect(url):
    return Connection(pika.URLParameters(url))
