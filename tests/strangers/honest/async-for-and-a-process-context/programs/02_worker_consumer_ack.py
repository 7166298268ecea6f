import asyncio
import os

import tiny_aio

QUEUE = "work_queues_1"


async def work(body):
    await asyncio.sleep(body.count(b"."))


async def main():
    async with tiny_aio.connect("amqp://guest:guest@localhost/") as connection:
        channel = await connection.channel()
        await connection.call(channel.queue_declare, QUEUE)
        async with tiny_aio.QueueIterator(connection, channel, QUEUE) as messages:
            print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
            async for message in messages:
                async with message.process():
                    again = " again" if message.redelivered else ""
                    print(f" [x] Received{again} {message.body!r}", flush=True)
                    await work(message.body)
                    print(f" [x] Done {message.body!r}", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
