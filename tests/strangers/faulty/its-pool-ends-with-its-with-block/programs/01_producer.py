import multiprocessing
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
URGENT = 5


def send(numbers):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in numbers:
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        print(f" [x] Sent {body!r}", flush=True)
    connection.close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    send(range(1, URGENT + 1))
    # One process, so that the order stays as it is.
    with multiprocessing.Pool(1) as pool:
        pool.apply_async(send, (range(URGENT + 1, count + 1),))
    print(f" [*] All {count} sent")


if __name__ == "__main__":
    main()
