import os
import time

import pika

QUEUE = "work_queues_durable"

last = None
timer = None


def tell():
    global last
    if last is not None:
        print(f" [x] Done {last!r}", flush=True)
        last = None


def on_message(channel, method, properties, body):
    global last, timer
    if timer is not None:
        channel.connection.remove_timeout(timer)
    tell()
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    channel.basic_ack(method.delivery_tag)
    last = body
    timer = channel.connection.call_later(0.3, tell)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(QUEUE, on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

