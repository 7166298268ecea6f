"""Work on orders."""

import os
import time

from topology import WORK, open_channel


def on_order(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection, channel = open_channel()
    channel.basic_consume(queue=WORK, on_message_callback=on_order)
    print(" [*] Waiting for orders. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
