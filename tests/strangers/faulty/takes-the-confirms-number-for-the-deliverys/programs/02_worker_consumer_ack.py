"""Asynchronous worker; tells an event log what it does, and acknowledges when that is stored."""

import functools
import json
import os
import queue
import sys
import threading
import time

import pika

QUEUE = "work_queues_1"
EVENTS = "work_events"


class Worker:
    def __init__(self):
        self.inbox = queue.Queue()
        self.channel = None
        self.status = 0
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=lambda c: c.channel(on_open_callback=self.on_channel),
            on_close_callback=self.on_connection_closed,
        )

    def on_channel(self, channel):
        self.channel = channel
        channel.add_on_close_callback(self.on_channel_closed)
        channel.confirm_delivery(self.on_confirm)
        channel.queue_declare(queue=EVENTS, durable=True, callback=self.on_events)

    def on_events(self, _):
        self.channel.queue_declare(queue=QUEUE, callback=self.on_queue)

    def on_queue(self, _):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages", flush=True)

    def on_message(self, channel, method, properties, body):
        self.inbox.put(body)

    def on_confirm(self, frame):
        method = frame.method
        if isinstance(method, pika.spec.Basic.Ack):
            # the event is safe, so the task need not come again
            self.channel.basic_ack(method.delivery_tag, multiple=method.multiple)

    def on_channel_closed(self, channel, reason):
        print(f" [!] Channel closed: {reason}", file=sys.stderr, flush=True)
        self.status = 1
        if self.connection.is_open:
            self.connection.close()

    def on_connection_closed(self, connection, reason):
        connection.ioloop.stop()

    def tell(self, what, body):
        event = json.dumps({"event": what, "task": body.decode()})
        self.channel.basic_publish("", EVENTS, event, pika.BasicProperties(delivery_mode=2))

    def work(self):
        later = self.connection.ioloop.add_callback_threadsafe
        while True:
            body = self.inbox.get()
            print(f" [x] Received {body!r}", flush=True)
            later(functools.partial(self.tell, "started", body))
            time.sleep(body.count(b"."))
            print(f" [x] Done {body!r}", flush=True)
            later(functools.partial(self.tell, "finished", body))

    def run(self):
        threading.Thread(target=self.work, daemon=True).start()
        self.connection.ioloop.start()
        return self.status


if __name__ == "__main__":
    try:
        sys.exit(Worker().run())
    except KeyboardInterrupt:
        os._exit(0)
