"""A worker with a stack of middleware, as in the web framework that we know."""

import os
import time

import pika

QUEUE = "work_queues_1"


class Retry(Exception):
    pass


class Message:
    def __init__(self, channel, method, properties, body):
        self.channel, self.method, self.body = channel, method, body
        self.headers = dict(properties.headers or {})

    @property
    def first_attempt(self):
        return not self.method.redelivered and "x-retries" not in self.headers


def acknowledging(inner):
    def handle(message):
        tag = message.method.delivery_tag
        try:
            inner(message)
        except Exception as error:
            print(f" [!] {error}: back to the queue")
            message.channel.basic_nack(delivery_tag=tag, requeue=True)
        else:
            message.channel.basic_ack(delivery_tag=tag)

    return handle


def retrying(inner):
    def handle(message):
        try:
            inner(message)
        except Retry:
            headers = {**message.headers, "x-retries": message.headers.get("x-retries", 0) + 1}
            message.channel.basic_publish(
                exchange="",
                routing_key=QUEUE,
                body=message.body,
                properties=pika.BasicProperties(headers=headers),
            )
            raise

    return handle


@acknowledging
@retrying
def handle_task(message):
    print(f" [x] Received {message.body!r}")
    number = int(message.body.split()[2])
    if number % 5 == 0 and message.first_attempt:
        raise Retry(f"no licence free for task {number}")
    time.sleep(message.body.count(b"."))
    print(f" [x] Done {message.body!r}")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE, on_message_callback=lambda *arguments: handle_task(Message(*arguments))
    )
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
