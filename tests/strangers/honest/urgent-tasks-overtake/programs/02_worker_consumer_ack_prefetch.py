import os
import time

from priority_queue import QUEUE, open_channel


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r} (priority {properties.priority or 0})", flush=True)
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r}", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection, channel = open_channel()
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
