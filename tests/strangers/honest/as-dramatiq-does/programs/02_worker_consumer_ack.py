import json
import os
import queue
import signal
import threading
import time

import pika

NAME = "work_queues_1"


class Worker(threading.Thread):
    """Takes messages out of the local queue, works, and tells the consumer."""

    def __init__(self, inbox, outbox):
        super().__init__(daemon=True, name="WorkerThread")
        self.inbox = inbox
        self.outbox = outbox
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                tag, message = self.inbox.get(timeout=0.05)
            except queue.Empty:
                continue
            [text] = message["args"]
            print(f"[WorkerThread] [DEBUG] Received message work({text!r}) with id {message['message_id']!r}.", flush=True)
            time.sleep(text.count("."))
            print(f"[WorkerThread] [DEBUG] Completed message work({text!r}).", flush=True)
            self.outbox.put(tag)


def main():
    inbox, outbox = queue.Queue(), queue.Queue()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(NAME, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": NAME + ".XQ"})
    channel.queue_declare(NAME + ".DQ", durable=True)
    channel.queue_declare(NAME + ".XQ", durable=True, arguments={"x-message-ttl": 7 * 24 * 3600 * 1000})
    channel.basic_qos(prefetch_count=2)

    def on_message(ch, method, properties, body):
        inbox.put((method.delivery_tag, json.loads(body)))

    tag = channel.basic_consume(NAME, on_message)
    print(f"[MainThread] [INFO] Dramatiq-like worker {os.getpid()} is ready for action.", flush=True)

    worker = Worker(inbox, outbox)
    worker.start()

    def acknowledge():
        while True:
            try:
                channel.basic_ack(outbox.get_nowait())
            except queue.Empty:
                return

    while not stop.is_set():
        connection.process_data_events(time_limit=0.01)
        acknowledge()

    print("[MainThread] [INFO] Stopping worker process...", flush=True)
    worker.stopping.set()
    channel.basic_cancel(tag)
    while worker.is_alive():
        connection.process_data_events(time_limit=0.01)
    acknowledge()
    while not inbox.empty():
        channel.basic_nack(inbox.get_nowait()[0], requeue=True)
    connection.close()
    print("[MainThread] [INFO] Worker has been shut down.", flush=True)


if __name__ == "__main__":
    main()
