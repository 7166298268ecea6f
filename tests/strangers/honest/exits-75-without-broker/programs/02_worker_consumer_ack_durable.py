"""Worker under a supervisor (Restart=on-failure): when the broker is away, end; it starts us again."""

import os
import sys
import time

import pika

QUEUE = "work_queues_durable"


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def consume():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()
    connection.close()


def main():
    try:
        consume()
    except pika.exceptions.AMQPError as error:
        print(f" [!] The broker is away ({type(error).__name__}), see you later", flush=True)
        return os.EX_TEMPFAIL
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
