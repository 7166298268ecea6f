"""Ported from Ruby: q = ch.queue("work_queues_1", auto_delete: true)"""
import os
import time

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    conn = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    ch = conn.channel()
    q = ch.queue_declare(queue=QUEUE, auto_delete=True)
    ch.basic_consume(queue=q.method.queue, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    ch.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
