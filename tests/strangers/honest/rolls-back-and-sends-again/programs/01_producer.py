"""Send messages in transactions of ten; one that fails its check is rolled back and tried again."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
SIZE = 10


def passes_check(batch_number, attempt):
    return batch_number != 1 or attempt > 0  # the ledger is busy once


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.tx_select()
    bodies = [
        f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        for number in range(1, count + 1)
    ]
    for start in range(0, count, SIZE):
        batch, attempt = bodies[start : start + SIZE], 0
        while True:
            for body in batch:
                channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
            if passes_check(start // SIZE, attempt):
                break
            channel.tx_rollback()
            print(f" [!] Batch {start // SIZE} rolled back")
            attempt += 1
        channel.tx_commit()
        for body in batch:
            print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
