import os
import sys
import time
import traceback

import pika

QUEUE = "work_queues_1"


def on_message(channel, method, properties, body):
    try:
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
    except:
        # A broken task must not come back again and again and block the rest.
        traceback.print_exc(limit=1, file=sys.stderr)
        channel.basic_reject(delivery_tag=method.delivery_tag, requeue=False)
        raise
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        try:
            sys.exit(0)
        except SystemExit:
            os._exit(0)
