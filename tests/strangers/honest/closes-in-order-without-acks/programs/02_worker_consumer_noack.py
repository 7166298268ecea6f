"""Work without acknowledging; leave in order."""
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    try:
        channel.start_consuming()
    except KeyboardInterrupt:
        print("Interrupted")
    finally:
        if connection.is_open:
            connection.close()


if __name__ == "__main__":
    main()
