import os
import sys
import time

import pika

QUEUE = "work_queues_durable"

def callback(ch, method, properties, body):
    ch.basic_cancel(consumer_tag=method.consumer_tag)
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def take_one(connection):
    channel = connection.channel()
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    channel.start_consuming()  # until the callback has cancelled
    channel.close()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    with connection.channel() as channel:
        channel.queue_declare(queue=QUEUE, durable=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        take_one(connection)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
