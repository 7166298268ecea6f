import json
import os
import random
import socket
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"
ORIGIN = f"gen{os.getpid()}@{socket.gethostname()}"


def apply_async(channel, *args):
    task_id = str(uuid.uuid4())
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=json.dumps([args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]),
        properties=pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            correlation_id=task_id,
            priority=0,
            headers={
                "lang": "py",
                "task": "tasks.work",
                "id": task_id,
                "root_id": task_id,
                "parent_id": None,
                "group": None,
                "retries": 0,
                "timelimit": [None, None],
                "argsrepr": repr(args),
                "kwargsrepr": "{}",
                "origin": ORIGIN,
                "ignore_result": True,
            },
        ),
    )
    return task_id


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        what = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} " + "." * random.randint(1, 10)
        print(f"<AsyncResult: {apply_async(channel, what)}>")
    connection.close()


main()
