"""Work on packed tasks, acknowledge when done."""
import os
import struct
import time

import pika

QUEUE = "work_queues_1"
TASK = struct.Struct("<dHB")


def on_message(channel, method, properties, body):
    sent_at, number, seconds = TASK.unpack(body)
    print(f" [x] Received {body!r}")
    time.sleep(seconds)
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
