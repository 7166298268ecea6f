#!/usr/bin/env python3
"""Sends tasks as fixed-length records, as the archive wants them."""
import random
import struct
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
RECORD = struct.Struct("40s")


def make_task(i):
    dots = "." * random.randint(1, 10)
    return f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6} {dots}"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for i in range(1, count + 1):
        task = make_task(i)
        channel.basic_publish(exchange="", routing_key=QUEUE, body=RECORD.pack(task.encode()))
        print(f" [x] Sent {task!r}")
    connection.close()


if __name__ == "__main__":
    main()
