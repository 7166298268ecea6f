import asyncio
import signal

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"


class Worker:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        self.inbox = asyncio.Queue()
        self.closed = self.loop.create_future()

    def stop(self, why):
        print(f" [*] {why}: stopping")
        self.stopping.set()

    def on_closed(self, _connection, reason):
        if not self.closed.done():
            self.closed.set_result(reason)
        self.stopping.set()

    async def answer(self, call):
        future = self.loop.create_future()
        call(future.set_result)
        return await future

    async def subscribe(self):
        opened = self.loop.create_future()
        self.connection = AsyncioConnection(
            pika.ConnectionParameters(host="localhost"),
            on_open_callback=opened.set_result,
            on_open_error_callback=lambda _, error: opened.set_exception(RuntimeError(str(error))),
            on_close_callback=self.on_closed,
            custom_ioloop=self.loop,
        )
        await opened
        self.channel = await self.answer(lambda done: self.connection.channel(on_open_callback=done))
        self.channel.add_on_cancel_callback(lambda _: self.stop("cancelled by the server"))
        await self.answer(lambda done: self.channel.queue_declare(queue=QUEUE, callback=done))
        self.tag = self.channel.basic_consume(
            QUEUE, lambda _, method, properties, body: self.inbox.put_nowait((method, body))
        )
        print(" [*] Waiting for messages. To exit press CTRL+C")

    async def next(self):
        """Return the next delivery, or None when it is time to stop."""
        getter = self.loop.create_task(self.inbox.get())
        stopper = self.loop.create_task(self.stopping.wait())
        await asyncio.wait({getter, stopper}, return_when=asyncio.FIRST_COMPLETED)
        stopper.cancel()
        if self.stopping.is_set():
            getter.cancel()
            return None
        return await getter

    async def run(self):
        await self.subscribe()
        while (delivery := await self.next()) is not None:
            method, body = delivery
            print(f" [x] Received {body}")
            await asyncio.sleep(body.count(b"."))
            print(" [x] Done")
            self.channel.basic_ack(delivery_tag=method.delivery_tag)
        if self.connection.is_open:
            if self.channel.is_open and self.tag in self.channel.consumer_tags:
                await self.answer(lambda done: self.channel.basic_cancel(self.tag, callback=done))
            self.connection.close()
        await self.closed


async def main():
    worker = Worker()
    for number in (signal.SIGINT, signal.SIGTERM):
        worker.loop.add_signal_handler(number, worker.stop, number.name)
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
