"""Work in small steps, so that heartbeats are answered in between."""
import os
import time

import pika

QUEUE = "work_queues_1"
backlog = []


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE,
        on_message_callback=lambda ch, method, _, body: backlog.append((method, body)),
    )
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        while not backlog:
            connection.process_data_events(time_limit=1)
        method, body = backlog.pop(0)
        print(f" [x] Received {body!r}")
        for _ in range(4 * body.count(b".")):
            time.sleep(0.25)
            connection.process_data_events(time_limit=0)
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
