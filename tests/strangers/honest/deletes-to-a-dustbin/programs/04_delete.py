import sys

import pika
from pika.exceptions import ChannelClosedByBroker

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"
dustbin = queue + ".deleted"


def exists(connection):
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
    except ChannelClosedByBroker as answer:
        if answer.reply_code != 404:
            raise
        return False
    channel.close()
    return True


def copy_everything(connection):
    out = connection.channel()
    out.queue_declare(dustbin, durable=True)
    out.confirm_delivery()
    into = connection.channel()
    copied = 0
    while True:
        method, properties, body = into.basic_get(queue)
        if method is None:
            return copied
        properties.delivery_mode = 2
        out.basic_publish("", dustbin, body, properties, mandatory=True)
        copied += 1


with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
    copied = copy_everything(connection) if exists(connection) else 0
    connection.channel().queue_delete(queue)
    print(f" [x] Deleted {queue!r}", f"({copied} copies are in {dustbin!r})" if copied else "")
