"""Delete a queue, asynchronously and without asking for an answer."""
import sys

import pika

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"


def on_open(connection):
    connection.channel(on_open_callback=on_channel)


def on_channel(channel):
    channel.queue_delete(queue)  # no callback: no-wait
    print(f"asked for the deletion of {queue!r}")
    channel.connection.close()


def on_closed(connection, reason):
    connection.ioloop.stop()


connection = pika.SelectConnection(
    pika.ConnectionParameters("localhost"),
    on_open_callback=on_open,
    on_close_callback=on_closed,
)
connection.ioloop.start()
