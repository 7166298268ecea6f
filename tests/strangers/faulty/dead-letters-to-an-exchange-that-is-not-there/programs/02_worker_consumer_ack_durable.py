"""Work on a durable queue; tasks that are too long for this worker go to the dead letters."""
import os
import time

import pika

QUEUE = "work_queues_durable"
DEAD_LETTERS = "work_too_long"
LONGEST = 6


def on_message(channel, method, properties, body):
    if body.rsplit(b" ", 1)[-1].count(b".") > LONGEST:
        channel.basic_reject(delivery_tag=method.delivery_tag, requeue=False)
        print(f" [!] Too long for me, to the dead letters: {body!r}")
        return
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(
        queue=QUEUE, durable=True, arguments={"x-dead-letter-exchange": DEAD_LETTERS}
    )
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
