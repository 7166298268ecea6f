"""Dispatch jobs; unique jobs are not put on the queue a second time while one of them waits."""

import random
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Cache:
    def __init__(self):
        self._until = {}

    def add(self, key, seconds):
        """True if the key was not there."""
        now = time.monotonic()
        if self._until.get(key, 0) > now:
            return False
        self._until[key] = now + seconds
        return True


@dataclass
class Render:
    number: int
    weight: int
    created: datetime = field(default_factory=datetime.now)

    unique_for = 3600

    def unique_id(self):
        return f"{type(self).__name__}:{self.weight}"

    def payload(self):
        return f"{self.created:%Y-%m-%d %H:%M:%S.%f} {self.number:6} {'.' * self.weight}"


class Dispatcher:
    def __init__(self, channel, cache):
        self.channel = channel
        self.cache = cache

    def dispatch(self, job):
        if not self.cache.add(job.unique_id(), job.unique_for):
            return
        self.channel.basic_publish(exchange="", routing_key=QUEUE, body=job.payload())


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    dispatcher = Dispatcher(channel, Cache())
    for number in range(1, count + 1):
        job = Render(number, random.randint(1, 10))
        dispatcher.dispatch(job)
        print(f" [x] Sent {job.payload()!r}")
    connection.close()


if __name__ == "__main__":
    main()
