import os
import time
from dataclasses import dataclass, field

import pika

QUEUE = "work_queues_1"


@dataclass
class Statistics:
    tasks: int = 0
    seconds: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, seconds):
        self.tasks += 1
        self.seconds += seconds

    def show(self):
        up = time.monotonic() - self.started
        print(f" [i] {self.tasks} tasks, {self.seconds} s of work, up for {up:.1f} s", flush=True)


stats = Statistics()


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    seconds = body.count(b".")
    time.sleep(seconds)
    print(" [x] Done", flush=True)

    stats.add(seconds)
    if stats.tasks % 3 == 0:
        return stats.show()

    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
