"""Work on a durable queue; what fails is tried again a little later."""

import os
import time

import pika

QUEUE = "work_queues_durable"
RETRY = "work_queues_durable.retry"
PAUSE = 100  # milliseconds


def attempt_of(properties):
    return (properties.headers or {}).get("attempt", 1)


def work(body, attempt):
    if attempt == 1 and int(body.split()[2]) % 7 == 0:
        raise OSError("the file is locked")
    time.sleep(body.count(b"."))


def on_message(channel, method, properties, body):
    attempt = attempt_of(properties)
    print(f" [x] Received {body!r}")
    try:
        work(body, attempt)
    except OSError as error:
        print(f" [!] {error}, will be tried again")
        channel.basic_publish(
            exchange="",
            routing_key=RETRY,
            body=body,
            properties=pika.BasicProperties(delivery_mode=2, headers={"attempt": attempt + 1}),
        )
    else:
        print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.queue_declare(
        queue=RETRY,
        durable=True,
        arguments={"x-message-ttl": PAUSE, "x-dead-letter-exchange": ""},
    )
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
