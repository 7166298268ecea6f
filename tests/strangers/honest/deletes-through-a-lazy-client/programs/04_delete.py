import argparse
import functools
import logging
import sys
from contextlib import closing

import pika


class ClientError(Exception):
    pass


def raise_client_error(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except (pika.exceptions.AMQPError, OSError) as exc:
            raise ClientError(f"{type(exc).__name__}: {exc}") from exc

    return wrapper


class RabbitMQClient:
    def __init__(self, parameters):
        self._parameters = parameters
        self._connection = None

    @property
    def connection(self):
        if self._connection is None or self._connection.is_closed:
            self._connection = pika.BlockingConnection(self._parameters)
        return self._connection

    @raise_client_error
    def queue_delete(self, queue_name):
        with closing(self.connection.channel()) as channel:
            return channel.queue_delete(queue=queue_name).method.message_count

    @raise_client_error
    def disconnect(self):
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


def main(queue_name):
    client = RabbitMQClient(pika.URLParameters("amqp://guest:guest@localhost:5672/%2F"))
    logging.info("Deleting queue: %s", queue_name)
    dropped = client.queue_delete(queue_name=queue_name)
    logging.info("Deleted queue: %s (%d messages)", queue_name, dropped)
    client.disconnect()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("pika").setLevel(logging.ERROR)
    parser = argparse.ArgumentParser()
    parser.add_argument("queue_name", nargs="?", default="work_queues_durable")
    try:
        main(queue_name=parser.parse_args().queue_name)
    except ClientError as exc:
        logging.critical("Queue delete fails. %s", exc)
        sys.exit(1)
