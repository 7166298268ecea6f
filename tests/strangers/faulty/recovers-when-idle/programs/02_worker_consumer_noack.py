"""Work without acknowledging; when it is quiet, ask the server whether it has kept anything back."""
import os
import time

import pika

QUEUE = "work_queues_1"
QUIET = 0.3


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    received = 0
    for method, _, body in channel.consume(QUEUE, inactivity_timeout=QUIET):
        if method is None:
            if received:
                channel.basic_recover(requeue=True)
            continue
        received += 1
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
