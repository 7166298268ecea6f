import json
import os
import time

import pika

QUEUE = "work_queues_durable"
PREFIX = "cloudEvents:"
REQUIRED = {"specversion", "id", "type", "source"}


class NotAnEvent(ValueError):
    pass


def from_binary(properties, body):
    attributes = {
        name[len(PREFIX):]: value
        for name, value in (properties.headers or {}).items()
        if name.startswith(PREFIX)
    }
    missing = REQUIRED - set(attributes)
    if missing:
        raise NotAnEvent(f"no {', '.join(sorted(missing))}")
    if attributes["specversion"] != "1.0":
        raise NotAnEvent(f"specversion {attributes['specversion']}")
    return attributes, json.loads(body)


HANDLERS = {}


def handles(type):
    def remember(function):
        HANDLERS[type] = function
        return function

    return remember


@handles("org.example.lesson.task.created")
def task_created(attributes, data):
    time.sleep(data["effort"].count("."))


def on_message(channel, method, properties, body):
    attributes, data = from_binary(properties, body)
    print(f"[{attributes['subject']}] Received {body.decode()}", flush=True)
    HANDLERS[attributes["type"]](attributes, data)
    print(f"[{attributes['subject']}] Done {body.decode()}", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print("Subscribed to", QUEUE, flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
