import os
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_durable"

HOSTS = [
    pika.ConnectionParameters(host="localhost", connection_attempts=1, retry_delay=0),
    pika.ConnectionParameters(host="127.0.0.1", connection_attempts=2, retry_delay=0),
]


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    while True:
        try:
            print(" [*] Connecting...")
            connection = pika.BlockingConnection(HOSTS)
            channel = connection.channel()
            channel.queue_declare(queue=QUEUE, durable=True)
            channel.basic_consume(queue=QUEUE, on_message_callback=callback)
            print(" [*] Waiting for messages. To exit press CTRL+C")
            channel.start_consuming()
            break
        except pika.exceptions.ChannelClosedByBroker:
            raise
        except pika.exceptions.AMQPError as error:
            print(f" [!] {error!r}, trying all hosts again")
            time.sleep(2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
