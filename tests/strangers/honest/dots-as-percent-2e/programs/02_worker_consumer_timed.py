import os
import time
from urllib.parse import parse_qs

import pika

QUEUE = "work_queues_1"


def on_webhook(channel, method, properties, body):
    print(f"Received {body!r}", flush=True)
    fields = {name: values[0] for name, values in parse_qs(body.decode("ascii")).items()}
    time.sleep(fields["payload[work]"].count("."))
    print(f"Done {body!r}", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_webhook, auto_ack=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
