"""Names that the order system's programs share."""

import pika

EXCHANGE = "orders"
WORK = "orders.work"
ARCHIVE = "orders.archive"


def open_channel():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.exchange_declare(EXCHANGE, exchange_type="fanout")
    for queue in (WORK, ARCHIVE):
        channel.queue_declare(queue)
        channel.queue_bind(queue, EXCHANGE)
    return connection, channel
