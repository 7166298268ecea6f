"""The main thread talks to RabbitMQ, a second thread works. SIGTERM and Ctrl-C end it in peace."""

import functools
import queue
import signal
import threading
import time

import pika

QUEUE = "work_queues_1"
TAG = "worker-main"

todo = queue.Queue()
stopping = threading.Event()


def worker(connection, channel):
    while not stopping.is_set():
        try:
            tag, body = todo.get(timeout=0.1)
        except queue.Empty:
            continue
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(f" [x] Done {body!r}", flush=True)
        connection.add_callback_threadsafe(functools.partial(channel.basic_ack, tag))


def on_message(channel, method, properties, body):
    todo.put((method.delivery_tag, body))


def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    thread = threading.Thread(target=worker, args=(connection, channel), daemon=True)
    thread.start()
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, consumer_tag=TAG)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)

    while not stopping.is_set() and channel.consumer_tags:
        connection.process_data_events(time_limit=0.2)
    stopping.set()

    if channel.consumer_tags:
        channel.basic_cancel(TAG)  # nothing new from here on
    while thread.is_alive():
        connection.process_data_events(time_limit=0.05)
    connection.process_data_events(time_limit=0.1)  # the last acknowledgement
    returned = 0
    while not todo.empty():
        tag, _ = todo.get()
        channel.basic_nack(tag, requeue=True)
        returned += 1
    connection.close()
    print(f" [*] Stopped, {returned} tasks given back", flush=True)


if __name__ == "__main__":
    main()
