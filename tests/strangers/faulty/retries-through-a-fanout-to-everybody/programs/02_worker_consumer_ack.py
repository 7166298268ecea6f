"""Work; what fails goes through the retry exchange."""

import os
import time

import pika

QUEUE = "work_queues_1"
RETRIES = "work_queues_1.retries"


class Failed(Exception):
    pass


def handle(body, retried):
    number = int(body.split()[2])
    if number % 5 == 0 and not retried:
        raise Failed(f"task {number} found its table locked")
    time.sleep(body.count(b"."))


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    try:
        handle(body, retried=method.exchange == RETRIES)
        print(f" [x] Done {body!r}")
    except Failed as failure:
        print(f" [!] {failure}, to be retried")
        channel.basic_publish(exchange=RETRIES, routing_key="", body=body)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.exchange_declare(exchange=RETRIES, exchange_type="fanout")
    mine = channel.queue_declare(queue="", exclusive=True).method.queue
    channel.queue_bind(queue=mine, exchange=RETRIES)
    channel.basic_consume(queue=mine, on_message_callback=on_message)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
