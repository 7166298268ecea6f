import argparse
import random
from dataclasses import dataclass, field
from datetime import datetime

import pika

QUEUE = "work_queues_durable"


@dataclass(frozen=True)
class Task:
    number: int
    dots: int = field(default_factory=lambda: random.randint(1, 10))
    made: datetime = field(default_factory=datetime.now)

    def __str__(self):
        return f"{self.made:%Y-%m-%d %H:%M:%S.%f} {self.number:6} {'.' * self.dots}"

    @property
    def properties(self):
        return pika.BasicProperties(
            content_type="text/plain",
            content_encoding="utf-8",
            delivery_mode=pika.DeliveryMode.Persistent,
            headers={"number": self.number, "made": self.made, "tags": ["lesson", None, True]},
            type="task",
            timestamp=int(self.made.timestamp()),
        )


def main():
    parser = argparse.ArgumentParser(description="Send tasks")
    parser.add_argument("count", nargs="?", type=int, default=30)
    arguments = parser.parse_args()

    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    for task in map(Task, range(1, arguments.count + 1)):
        channel.basic_publish("", QUEUE, str(task).encode("utf-8"), task.properties)
        print(f" [x] Sent '{task}'")
    connection.close()


if __name__ == "__main__":
    main()
