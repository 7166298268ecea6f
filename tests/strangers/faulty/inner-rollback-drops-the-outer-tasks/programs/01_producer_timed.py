"""Tasks are published after the commit of the transaction in which they were created."""

import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Rollback(Exception):
    pass


class Database:
    """Only what matters here: transactions nest, the outermost one commits."""

    def __init__(self):
        self.depth = 0
        self.after_commit = []

    def __enter__(self):
        self.depth += 1
        return self

    def __exit__(self, kind, error, traceback):
        self.depth -= 1
        if kind is not None:
            self.after_commit.clear()
            return kind is Rollback
        if self.depth == 0:
            callbacks, self.after_commit = self.after_commit, []
            for callback in callbacks:
                callback()
        return False


class Tasks:
    def __init__(self, database):
        self.database = database
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)

    def dispatch(self, body):
        self.database.after_commit.append(
            lambda: self.channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        )
        print(f" [x] Sent {body!r}")


def write_statistics(database, group):
    """Optional: if the table is locked, only this part is rolled back."""
    with database:
        if group % 2:
            raise Rollback("statistics are locked")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    database = Database()
    tasks = Tasks(database)
    for start in range(1, count + 1, 5):
        with database:
            for number in range(start, min(start + 5, count + 1)):
                dots = "." * random.randint(1, 10)
                tasks.dispatch(f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}")
            write_statistics(database, start // 5)
    tasks.connection.close()


if __name__ == "__main__":
    main()
