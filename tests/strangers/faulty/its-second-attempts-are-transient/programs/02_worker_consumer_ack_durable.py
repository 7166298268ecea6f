"""Work on a durable queue; what fails goes to the end of the queue."""

import os
import time

import pika

QUEUE = "work_queues_durable"


class Temporary(Exception):
    pass


def work(body, attempt):
    if attempt == 1 and int(body.split()[2]) % 4 == 0:
        raise Temporary("service unavailable")
    time.sleep(body.count(b"."))


def on_message(channel, method, properties, body):
    headers = dict(properties.headers or {})
    attempt = headers.get("x-attempt", 1)
    print(f" [x] Received {body!r}")
    try:
        work(body, attempt)
        print(f" [x] Done {body!r}")
    except Temporary as error:
        print(f" [!] {error}: {body!r} goes to the end of the queue")
        headers["x-attempt"] = attempt + 1
        channel.basic_publish(
            exchange=method.exchange,
            routing_key=method.routing_key,
            body=body,
            properties=pika.BasicProperties(
                content_type=properties.content_type, headers=headers
            ),
        )
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
