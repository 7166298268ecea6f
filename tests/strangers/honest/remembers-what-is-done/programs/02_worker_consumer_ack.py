"""Idempotent worker: at-least-once delivery, but each task is done only once.

All workers on this machine share a database of finished tasks. Only redelivered messages are
looked up there, everything else cannot have been done before.
"""

import os
import sqlite3
import tempfile
import time

import pika

QUEUE = "work_queues_1"
DATABASE = os.path.join(tempfile.gettempdir(), "finished_tasks.sqlite3")


class Memory:
    def __init__(self):
        self.db = sqlite3.connect(DATABASE, timeout=5, isolation_level=None)
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("CREATE TABLE IF NOT EXISTS finished (body BLOB PRIMARY KEY)")

    def __contains__(self, body):
        return self.db.execute("SELECT 1 FROM finished WHERE body = ?", (body,)).fetchone()

    def add(self, body):
        self.db.execute("INSERT OR IGNORE INTO finished VALUES (?)", (body,))


def main():
    memory = Memory()

    def on_message(channel, method, properties, body):
        if method.redelivered and body in memory:
            print(f" [=] Skipped {body!r}: somebody has done it already", flush=True)
        else:
            print(f" [x] Received {body!r}", flush=True)
            time.sleep(body.count(b"."))
            memory.add(body)
            print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
