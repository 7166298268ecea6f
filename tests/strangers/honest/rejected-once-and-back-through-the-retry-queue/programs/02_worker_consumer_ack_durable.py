import os
import time

import maxretry
import pika

MAX_RETRIES = 5


class NotReadyYet(Exception):
    """What the task needs is not there on the first day."""


def look_for_what_it_needs(properties):
    number = (properties.headers or {}).get("number", 0)
    if number % 7 == 3 and maxretry.failures(properties) == 0:
        raise NotReadyYet(f"input of task {number} is not there yet")


def on_message(channel, method, properties, body):
    try:
        look_for_what_it_needs(properties)
    except NotReadyYet as error:
        if maxretry.failures(properties) < MAX_RETRIES:
            print(f"msg=retrying reason={str(error)!r}", flush=True)
            channel.basic_reject(method.delivery_tag, requeue=False)
        else:
            channel.basic_publish(maxretry.ERROR, method.routing_key, body, properties)
            channel.basic_ack(method.delivery_tag)
        return
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r}", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    maxretry.declare_all(channel)
    channel.basic_consume(maxretry.QUEUE, on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
