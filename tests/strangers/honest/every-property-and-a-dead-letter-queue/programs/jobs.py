"""The queue of our jobs, and where the bad ones go."""

import pika

QUEUE = "jobs"
DEAD = "jobs.dead"


def connect():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.exchange_declare(DEAD, exchange_type="fanout", durable=True)
    channel.queue_declare(DEAD, durable=True)
    channel.queue_bind(DEAD, DEAD)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-dead-letter-exchange": DEAD})
    return connection, channel
