#!/usr/bin/env python
import os
import time

import pika

QUEUE = "work_queues_durable"


def predict(text):
    time.sleep(text.count("."))
    return "jellyfish" if len(text) % 2 else "water"


def on_request(ch, method, props, body):
    text = body.decode("utf-8")
    print(f" [x] Received {text!r}", flush=True)
    status = predict(text)
    if props.reply_to:
        ch.basic_publish(
            exchange="",
            routing_key=props.reply_to,
            properties=pika.BasicProperties(correlation_id=props.correlation_id),
            body=status,
        )
    print(f" [x] Done: {status}", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    print(" [.] Giving RabbitMQ time to start", flush=True)
    time.sleep(10)
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_request)
    print(" [x] Awaiting requests", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
