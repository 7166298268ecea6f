import functools
import json
import random
import sys
import threading
import time
from collections import deque
from datetime import datetime

import pika

EXCHANGE = "bot-events"
QUEUE = "work_queues_durable"


class PikaEventBroker:
    def __init__(self, host):
        self._unpublished = deque()
        self._unconfirmed = {}
        self._next_tag = 1
        self._channel = None
        self._ready = False
        self._closing = False
        self.failure = None
        self._connection = pika.SelectConnection(
            pika.ConnectionParameters(host),
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_failure,
            on_close_callback=self._on_close,
        )
        self._thread = threading.Thread(target=self._connection.ioloop.start)
        self._thread.start()

    # called from outside

    def publish(self, event):
        self._call(functools.partial(self._publish, json.dumps(event).encode()))

    def close(self):
        self._call(self._finish)
        self._thread.join()

    def _call(self, function):
        if self._thread.is_alive():
            self._connection.ioloop.add_callback_threadsafe(function)

    # in the thread of the connection

    def _on_open(self, connection):
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel):
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.exchange_declare(
            EXCHANGE, exchange_type="fanout", durable=True, callback=self._on_exchange
        )

    def _on_exchange(self, _frame):
        self._channel.queue_declare(QUEUE, durable=True, callback=self._on_queue)

    def _on_queue(self, _frame):
        self._channel.queue_bind(QUEUE, EXCHANGE, routing_key="", callback=self._on_bound)

    def _on_bound(self, _frame):
        self._channel.confirm_delivery(self._on_confirmation, callback=self._on_ready)

    def _on_ready(self, _frame):
        self._ready = True
        print(f"ready, {len(self._unpublished)} events have been waiting")
        while self._unpublished:
            self._publish(self._unpublished.popleft())
        self._close_if_through()

    def _publish(self, body):
        if not self._ready:
            self._unpublished.append(body)
            return
        self._channel.basic_publish(
            EXCHANGE, "", body, pika.BasicProperties(app_id="bot", delivery_mode=2)
        )
        self._unconfirmed[self._next_tag] = body
        self._next_tag += 1

    def _on_confirmation(self, frame):
        tag = frame.method.delivery_tag
        tags = [t for t in self._unconfirmed if t == tag or (frame.method.multiple and t < tag)]
        bodies = [self._unconfirmed.pop(t) for t in sorted(tags)]
        if isinstance(frame.method, pika.spec.Basic.Nack):
            for body in bodies:
                self._publish(body)
        self._close_if_through()

    def _finish(self):
        self._closing = True
        self._close_if_through()

    def _close_if_through(self):
        if self._closing and self._ready and not self._unpublished and not self._unconfirmed:
            if self._connection.is_open:
                self._connection.close()

    def _on_channel_closed(self, _channel, reason):
        if not self._connection.is_closing and not self._connection.is_closed:
            self.failure = reason
            self._connection.close()

    def _on_failure(self, connection, reason):
        self.failure = reason
        connection.ioloop.stop()

    def _on_close(self, connection, reason):
        if not self._closing or self._unpublished or self._unconfirmed:
            self.failure = reason
        connection.ioloop.stop()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    broker = PikaEventBroker("localhost")
    for number in range(1, count + 1):
        broker.publish(
            {
                "event": "user",
                "sender_id": f"{number:06}",
                "timestamp": time.time(),
                "text": f"{datetime.now():%H:%M:%S} {'.' * random.randint(1, 10)}",
            }
        )
    broker.close()
    if broker.failure is not None:
        sys.exit(f"failed: {broker.failure}")
    print(f"{count} events confirmed")


if __name__ == "__main__":
    main()
