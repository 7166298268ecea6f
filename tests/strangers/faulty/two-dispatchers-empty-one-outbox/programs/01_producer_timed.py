"""Transactional outbox: tasks are rows first; dispatchers send what has not been sent."""

import os
import random
import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pika

QUEUE = "work_queues_1"
DISPATCHERS = int(os.environ.get("OUTBOX_DISPATCHERS", "2"))


def connect_db(path):
    return sqlite3.connect(path, timeout=10)


def store(path, count):
    with connect_db(path) as db:
        db.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, body TEXT, sent_at TEXT)")
        for number in range(1, count + 1):
            dots = "." * random.randint(1, 10)
            body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
            db.execute("INSERT INTO outbox (id, body) VALUES (?, ?)", (number, body))


def dispatch(name, path):
    db = connect_db(path)
    waiting = db.execute("SELECT id, body FROM outbox WHERE sent_at IS NULL ORDER BY id").fetchall()
    if not waiting:
        return 0
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for identity, body in waiting:
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f"[{name}] [x] Sent {body!r}")
        with db:
            db.execute(
                "UPDATE outbox SET sent_at = ? WHERE id = ?",
                (datetime.now().isoformat(), identity),
            )
    connection.close()
    db.close()
    return len(waiting)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "outbox.db")
        store(path, count)
        names = [f"dispatcher-{n}" for n in range(1, DISPATCHERS + 1)]
        with ThreadPoolExecutor(DISPATCHERS) as pool:
            totals = list(pool.map(lambda name: dispatch(name, path), names))
    print("outbox is empty:", dict(zip(names, totals)))


if __name__ == "__main__":
    main()
