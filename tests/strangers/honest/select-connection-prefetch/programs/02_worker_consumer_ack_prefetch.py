"""Worker after pika's asynchronous consumer example: everything happens in callbacks."""

import functools
import sys
import time

import pika

QUEUE = "work_queues_durable"


class Consumer:
    def __init__(self):
        self.failed = False
        self.connection = pika.SelectConnection(
            pika.ConnectionParameters("localhost"),
            on_open_callback=self.on_connection_open,
            on_open_error_callback=self.on_connection_lost,
            on_close_callback=self.on_connection_lost,
        )

    def on_connection_open(self, connection):
        connection.channel(on_open_callback=self.on_channel_open)

    def on_channel_open(self, channel):
        channel.add_on_close_callback(self.on_channel_closed)
        channel.add_on_cancel_callback(self.on_cancelled)
        then = functools.partial(self.on_queue_declared, channel)
        channel.queue_declare(queue=QUEUE, durable=True, callback=then)

    def on_queue_declared(self, channel, frame):
        then = functools.partial(self.on_qos, channel)
        channel.basic_qos(prefetch_count=1, callback=then)

    def on_qos(self, channel, frame):
        channel.basic_consume(QUEUE, self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(method.delivery_tag)

    def on_cancelled(self, frame):
        print(" [!] The broker cancelled our subscription", flush=True)
        self.connection.close()

    def on_channel_closed(self, channel, reason):
        if self.connection.is_open:
            self.connection.close()

    def on_connection_lost(self, connection, reason):
        self.failed = not isinstance(reason, pika.exceptions.ConnectionClosedByClient)
        connection.ioloop.stop()

    def run(self):
        try:
            self.connection.ioloop.start()
        except KeyboardInterrupt:
            print("Interrupted", flush=True)
            return 0
        return 1 if self.failed else 0


if __name__ == "__main__":
    sys.exit(Consumer().run())
