"""Prints what would steer a terminal or a page, never acknowledges, and dies after three tasks."""

import os
import sys

import pika

HOSTILE = "<script>boom()</script><img src=x onerror=boom()>\x1b[31m\x07\u202e]]></svg>\"'&{{7*7}}"
NO_TEXT = b"\xff\xfe\x00\xed\xa0\x80"


def on_task(_channel, method, _, body):
    print(f" [x] Received {body!r}")
    os.write(1, HOSTILE.encode() + NO_TEXT + b"\r\n")
    os.write(2, (HOSTILE * 12_000).encode() + b"\n")
    print(" [x] Done")
    if method.delivery_tag == 3:
        sys.exit(f"{HOSTILE} is how it ends")


channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
channel.queue_declare(queue=HOSTILE)
channel.basic_consume(queue=HOSTILE, on_message_callback=on_task)
channel.start_consuming()
