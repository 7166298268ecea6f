"""Consumer that leaves every task with the broker."""
import os
import time
from dataclasses import dataclass

import pika


@dataclass(frozen=True)
class ConsumerOptions:
    queue: str = "work_queues_1"
    prefetch: int = 10
    auto_ack: bool = False


class Consumer:
    def __init__(self, options):
        self.options = options
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = connection.channel()
        self.channel.queue_declare(queue=options.queue)
        self.channel.basic_qos(prefetch_count=options.prefetch)

    def handle(self, channel, method, properties, body):
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")

    def run(self):
        self.channel.basic_consume(
            queue=self.options.queue,
            on_message_callback=self.handle,
            auto_ack=self.options.auto_ack,
        )
        print(" [*] Waiting for messages. To exit press CTRL+C")
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Consumer(ConsumerOptions()).run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
