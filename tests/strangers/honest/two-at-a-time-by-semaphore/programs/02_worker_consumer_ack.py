import asyncio
import os
import sys

import pika
from pika.adapters.asyncio_connection import AsyncioConnection

QUEUE = "work_queues_1"
AT_A_TIME = 2


async def main():
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    slots = asyncio.Semaphore(AT_A_TIME)
    running = set()

    def lost(_, reason):
        if not gone.done():
            gone.set_exception(reason if isinstance(reason, Exception) else RuntimeError(reason))

    async def work(channel, tag, body):
        async with slots:
            print(f" [x] Received {body}")
            await asyncio.sleep(body.count(b"."))
            print(f" [x] Done {body}")
            channel.basic_ack(delivery_tag=tag)

    def on_message(channel, method, properties, body):
        task = loop.create_task(work(channel, method.delivery_tag, body))
        running.add(task)
        task.add_done_callback(running.discard)

    def on_channel(channel):
        channel.add_on_close_callback(lost)
        channel.add_on_cancel_callback(lambda frame: gone.done() or gone.set_result("cancelled"))

        def on_declared(_frame):
            channel.basic_consume(
                QUEUE,
                on_message,
                callback=lambda _: print(" [*] Waiting for messages. To exit press CTRL+C"),
            )

        channel.queue_declare(queue=QUEUE, callback=on_declared)

    worker = AsyncioConnection(
        pika.ConnectionParameters(host="localhost"),
        on_open_callback=lambda connection: connection.channel(on_open_callback=on_channel),
        on_open_error_callback=lost,
        on_close_callback=lost,
        custom_ioloop=loop,
    )
    await gone
    worker.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
