import functools
import os
import queue
import signal
import threading
import time

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_1"

stopping = threading.Event()
inbox = queue.Queue()


def work(connection, channel):
    while not stopping.is_set():
        try:
            tag, body = inbox.get(timeout=0.05)
        except queue.Empty:
            continue
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}", flush=True)
        try:
            connection.add_callback_threadsafe(functools.partial(channel.basic_ack, tag))
        except AMQPError as error:
            print(f" [!] could not acknowledge: {error!r}", flush=True)


def on_message(channel, method, properties, body):
    inbox.put((method.delivery_tag, body))


def main():
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    worker = threading.Thread(target=work, args=(connection, channel), daemon=True)
    worker.start()
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while not stopping.is_set():
        connection.process_data_events(time_limit=0.05)
    connection.close()
    worker.join()
    print(" [*] Bye", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
