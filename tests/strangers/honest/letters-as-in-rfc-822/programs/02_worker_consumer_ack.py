import os
import time
from email.parser import BytesParser
from email.policy import default

import pika

QUEUE = "work_queues_1"


def send(message):
    time.sleep(message.get_content().count("."))


def gen_callback(parser):
    def callback(ch, method, properties, body):
        message = parser.parsebytes(body)
        print(f" [x] Received {message['Message-ID']} ({message['Subject']})", flush=True)
        send(message)
        print(f" [x] Done {message['Message-ID']}", flush=True)
        ch.basic_ack(delivery_tag=method.delivery_tag)

    return callback


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=False)
    channel.basic_consume(
        queue=QUEUE, on_message_callback=gen_callback(BytesParser(policy=default))
    )
    print(" [*] Waiting for mail. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
