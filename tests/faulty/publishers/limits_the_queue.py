"""Declares the queue so that it keeps five tasks and drops the oldest."""

import pika
from publisher import DURABLE, QUEUE, bodies, say, send

channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
channel.queue_declare(QUEUE, durable=DURABLE, arguments={"x-max-length": 5})
for body in bodies():
    send(channel, body)
    say(body)
channel.connection.close()
