import asyncio
import json
import os
import sys

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"


class Stage:
    """Reads from one queue, writes to the next one, and knows nothing else of its neighbours."""

    def connect(self, in_q, out_q):
        self.in_q, self.out_q = in_q, out_q

    async def items(self):
        while True:
            item = await self.in_q.get()
            if item is None:
                break
            yield item

    async def __call__(self):
        async for item in self.items():
            result = await self.run(item)
            if self.out_q is not None:
                await self.out_q.put(result)
        if self.out_q is not None:
            await self.out_q.put(None)

    async def run(self, item):
        raise NotImplementedError


class Decode(Stage):
    async def run(self, item):
        tag, body = item
        return {"tag": tag, "task": body.decode("utf-8")}


class Work(Stage):
    async def run(self, item):
        print("received " + json.dumps(item), flush=True)
        await asyncio.sleep(item["task"].count("."))
        return item


class Report(Stage):
    async def run(self, item):
        print("done " + json.dumps(item), flush=True)


def pipeline(*stages):
    queues = [asyncio.Queue(), *(asyncio.Queue(maxsize=1) for _ in stages[1:]), None]
    for stage, in_q, out_q in zip(stages, queues, queues[1:]):
        stage.connect(in_q, out_q)
    return queues[0]


async def main():
    stages = [Decode(), Work(), Report()]
    first = pipeline(*stages)
    tasks = [asyncio.ensure_future(stage()) for stage in stages]

    def on_open(connection):
        connection.channel(on_open_callback=on_channel)

    def on_channel(channel):
        channel.queue_declare(QUEUE, callback=lambda frame: on_declared(channel))

    def on_declared(channel):
        # the exercise: auto_ack is off, and nobody acknowledges
        channel.basic_consume(QUEUE, on_message, auto_ack=False)

    def on_message(channel, method, properties, body):
        first.put_nowait((method.delivery_tag, body))

    def on_end(connection, reason):
        print(f"connection: {reason!r}", flush=True)
        first.put_nowait(None)

    connection = AsyncioConnection(
        pika.ConnectionParameters("localhost"),
        on_open_callback=on_open,
        on_open_error_callback=on_end,
        on_close_callback=on_end,
        custom_ioloop=asyncio.get_running_loop(),
    )
    await asyncio.gather(*tasks)
    return 0 if connection.is_open else 1


if __name__ == "__main__":
    try:
        status = asyncio.run(main())
    except KeyboardInterrupt:
        os._exit(0)
    sys.exit(status)
