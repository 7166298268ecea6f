"""Redelivery with a limit: the second attempt goes to the slow backend, which always works."""

import json
import os
import sys
import threading
import time

import pika

QUEUE = "work_queues_durable"
BACK_OFF = threading.Event()


def log(event, **what):
    json.dump({"event": event, **what}, sys.stdout)
    sys.stdout.write("\n")
    sys.stdout.flush()


def attempt_of(properties):
    return (properties.headers or {}).get("redelivery-count", 0) + 1


def redeliver(channel, method, properties, body):
    headers = dict(properties.headers or {})
    headers["x-redelivery-count"] = attempt_of(properties)
    channel.basic_publish(
        exchange="",
        routing_key=method.routing_key,
        body=body,
        properties=pika.BasicProperties(headers=headers, delivery_mode=properties.delivery_mode),
    )


def fast_backend_takes(body):
    return int(body.split()[2]) % 6 != 0


def on_message(channel, method, properties, body):
    text = body.decode()
    attempt = attempt_of(properties)
    log("received", task=text, attempt=attempt)
    if attempt == 1 and not fast_backend_takes(body):
        BACK_OFF.wait(0.2)
        redeliver(channel, method, properties, body)
        log("redelivered", task=text, attempt=attempt)
    else:
        time.sleep(body.count(b"."))
        log("done", task=text)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    log("waiting", queue=QUEUE)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
