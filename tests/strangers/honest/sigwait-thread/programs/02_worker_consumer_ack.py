"""Work, then acknowledge; a thread waits for the signals."""
import os
import signal
import threading
import time

import pika

QUEUE = "work_queues_1"
SIGNALS = {signal.SIGINT, signal.SIGTERM}


def wait_for_the_end():
    number = signal.sigwait(SIGNALS)
    print(f"Ended by {signal.Signals(number).name}", flush=True)
    os._exit(128 + number)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    main()
