import os
import time
from collections import deque

import pika

QUEUE = "work_queues_1"


def main():
    basket = deque()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        QUEUE, lambda ch, method, properties, body: basket.append((method.delivery_tag, body))
    )
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        connection.process_data_events(time_limit=0)
        if not basket:
            time.sleep(1)
            continue
        tag, body = basket.popleft()
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=tag)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

