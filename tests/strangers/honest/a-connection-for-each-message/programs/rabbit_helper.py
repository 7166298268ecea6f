"""One function to send a message to a queue."""

import logging

import pika

log = logging.getLogger(__name__)


def send(queue, body):
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    try:
        channel = connection.channel()
        channel.queue_declare(queue=queue)
        channel.basic_publish(exchange="", routing_key=queue, body=body)
        log.debug("%d bytes to %s", len(body), queue)
    finally:
        connection.close()
