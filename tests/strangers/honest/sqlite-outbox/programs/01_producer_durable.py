import contextlib
import random
import sqlite3
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_durable"


def write(database, count):
    with database:
        for number in range(1, count + 1):
            dots = "." * random.randint(1, 10)
            body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {dots}"
            database.execute("INSERT INTO outbox (body) VALUES (?)", (body,))


def relay(database, channel):
    while True:
        rows = database.execute(
            "SELECT id, body FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 8"
        ).fetchall()
        if not rows:
            return
        for row, body in rows:
            channel.basic_publish(
                exchange="",
                routing_key=QUEUE,
                body=body,
                properties=pika.BasicProperties(
                    delivery_mode=2, message_id=f"outbox-{row}", app_id="relay"
                ),
                mandatory=True,
            )
            with database:
                database.execute(
                    "UPDATE outbox SET sent_at = ? WHERE id = ?", (datetime.now().isoformat(), row)
                )
            print(f" [x] Sent {body!r}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, body TEXT, sent_at TEXT)")
        write(database, count)
        parameters = pika.ConnectionParameters(host="localhost")
        with pika.BlockingConnection(parameters) as connection, connection.channel() as channel:
            channel.queue_declare(queue=QUEUE, durable=True)
            channel.confirm_delivery()
            relay(database, channel)


if __name__ == "__main__":
    main()
