"""Let each task cool down for five seconds before it is done, at the end of the queue."""
import os
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    headers = properties.headers or {}
    if not headers.get("x-cooled"):
        channel.basic_ack(delivery_tag=method.delivery_tag)
        time.sleep(5)
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(headers={"x-cooled": 1}),
        )
        return
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
