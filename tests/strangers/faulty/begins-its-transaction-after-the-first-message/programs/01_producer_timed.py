"""Send tasks in batches: all of a batch and its entry in the ledger, or nothing."""

import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
BATCH = 5
PAGE = 8  # entries on a page of the ledger


class PageFull(Exception):
    pass


class Ledger:
    def __init__(self):
        self.pages = [[]]

    def enter(self, bodies):
        if len(self.pages[-1]) + len(bodies) > PAGE:
            raise PageFull
        self.pages[-1] += bodies

    def turn(self):
        self.pages.append([])


def send_batch(connection, ledger, bodies):
    channel = connection.channel()
    transacted = False
    try:
        for body in bodies:
            channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            if not transacted:
                channel.tx_select()
                transacted = True
        ledger.enter(bodies)
        channel.tx_commit()
    except PageFull:
        channel.tx_rollback()
        raise
    finally:
        channel.close()
    for body in bodies:
        print(f" [x] Sent {body!r}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    tasks = [
        f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
        for number in range(1, count + 1)
    ]
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.close()
    ledger = Ledger()
    for start in range(0, count, BATCH):
        batch = tasks[start : start + BATCH]
        try:
            send_batch(connection, ledger, batch)
        except PageFull:
            ledger.turn()
            send_batch(connection, ledger, batch)
    connection.close()


if __name__ == "__main__":
    main()
