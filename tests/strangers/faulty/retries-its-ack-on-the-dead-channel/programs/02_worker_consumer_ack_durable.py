import os
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_durable"

def acknowledge(ch, tag):
    while True:
        try:
            ch.basic_ack(delivery_tag=tag)
            return
        except pika.exceptions.AMQPError as error:
            print(f" [!] cannot acknowledge, trying again: {error!r}")
            time.sleep(5)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    acknowledge(ch, method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
