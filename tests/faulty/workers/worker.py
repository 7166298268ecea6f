"""A worker as it should be, in pieces; each of its neighbours gets one of them wrong.

It works in the place of any of the lesson's workers: by the name under which it is run it knows
which queue to work on, with which prefetch, and how to acknowledge.
"""

import os
import sys
import time
from pathlib import Path

import pika

ROLE = Path(sys.argv[0]).stem
FAIR = ROLE.endswith("prefetch")
DURABLE = FAIR or ROLE.endswith("durable")
AUTOMATIC = ROLE in ("02_worker_consumer", "02_worker_consumer_timed")
SILENT = ROLE == "02_worker_consumer_noack"
QUEUE = "work_queues_durable" if DURABLE else "work_queues_1"

rest = time.sleep  # scaled by the launcher


def received(body):
    """Print that a task was received."""
    print(f" [x] Received {body!r}")


def work(body):
    """Take a second for each dot."""
    rest(body.count(b"."))


def done():
    """Print that the task received last is done."""
    print(" [x] Done")


def acknowledge(channel, method):
    """Acknowledge one task, if that is what this role does."""
    if not (AUTOMATIC or SILENT):
        channel.basic_ack(method.delivery_tag)


def as_it_should_be(channel, method, _, body):
    """Receive, work, be done, acknowledge."""
    received(body)
    work(body)
    done()
    acknowledge(channel, method)


def opened(*, queue=QUEUE, durable=DURABLE):
    """Return a channel on which the queue is declared."""
    channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
    channel.queue_declare(queue=queue, durable=durable)
    return channel


def subscribed(
    on_message, *, queue=QUEUE, durable=DURABLE, prefetch_count=int(FAIR), auto_ack=AUTOMATIC
):
    """Return a channel that has subscribed to the queue."""
    channel = opened(queue=queue, durable=durable)
    if prefetch_count:
        channel.basic_qos(prefetch_count=prefetch_count)
    channel.basic_consume(queue=queue, on_message_callback=on_message, auto_ack=auto_ack)
    return channel


def consume(channel):
    """Work until interrupted."""
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)


def run(on_message, **settings):
    """Subscribe and work until interrupted."""
    consume(subscribed(on_message, **settings))


if __name__ == "__main__":
    run(as_it_should_be)
