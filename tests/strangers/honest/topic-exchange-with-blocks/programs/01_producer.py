"""Greet by way of a topic exchange."""

import sys
from datetime import datetime

import pika

EXCHANGE = "greetings"
QUEUE = "greetings.all"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
    with connection.channel() as channel:
        channel.exchange_declare(EXCHANGE, exchange_type="topic")
        channel.queue_declare(QUEUE)
        channel.queue_bind(QUEUE, EXCHANGE, routing_key="hello.#")
        for number in range(1, count + 1):
            language = ("en", "pt", "de.at")[number % 3]
            body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
            channel.basic_publish(EXCHANGE, f"hello.{language}", body)
            print(f" [x] Sent {body!r} as hello.{language}")
