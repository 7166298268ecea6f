"""Work, and tell whoever asked what came of it."""

import os
import time

import pika

QUEUE = "work_queues_durable"


def work(body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    return b"ok"


def on_request(channel, method, properties, body):
    answer = work(body)
    channel.basic_publish(
        exchange="",
        routing_key=properties.reply_to,
        body=answer,
        properties=pika.BasicProperties(correlation_id=properties.correlation_id),
    )
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_request)
    print(" [*] Waiting for requests. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
