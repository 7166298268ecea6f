import asyncio
import sys
from datetime import datetime

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"


class Publisher:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.closed = self.loop.create_future()
        self.unconfirmed = {}
        self.sent = 0

    async def __aenter__(self):
        opened = self.loop.create_future()
        self.connection = AsyncioConnection(
            pika.ConnectionParameters(host="localhost"),
            on_open_callback=opened.set_result,
            on_open_error_callback=lambda _, error: opened.set_exception(RuntimeError(str(error))),
            on_close_callback=lambda _, reason: self.closed.set_result(reason),
            custom_ioloop=self.loop,
        )
        await opened
        self.channel = await self.answer(lambda done: self.connection.channel(on_open_callback=done))
        await self.answer(lambda done: self.channel.queue_declare(queue=QUEUE, callback=done))
        await self.answer(
            lambda done: self.channel.confirm_delivery(self.on_confirm, callback=done)
        )
        return self

    async def __aexit__(self, *_):
        self.connection.close()
        await self.closed

    async def answer(self, call):
        future = self.loop.create_future()
        call(future.set_result)
        return await future

    def on_confirm(self, frame):
        upto = frame.method.delivery_tag
        tags = [t for t in self.unconfirmed if t == upto or (frame.method.multiple and t < upto)]
        for tag in tags:
            future = self.unconfirmed.pop(tag)
            if isinstance(frame.method, pika.spec.Basic.Ack):
                future.set_result(True)
            else:
                future.set_exception(RuntimeError(f"message {tag} was refused"))

    def publish(self, body):
        self.sent += 1
        confirmed = self.unconfirmed[self.sent] = self.loop.create_future()
        self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body.encode())
        return confirmed


async def send(publisher, body):
    await publisher.publish(body)
    print(f" [x] Sent {body!r}")


async def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    async with Publisher() as publisher:
        await asyncio.gather(
            *(
                send(publisher, f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}")
                for i in range(1, count + 1)
            )
        )


if __name__ == "__main__":
    asyncio.run(main())
