import os
import sys
import time

import pika

QUEUE = "work_queues_1"

ENOUGH = 2


def colleagues(ch):
    return ch.queue_declare(queue=QUEUE, passive=True).method.consumer_count


def callback(ch, method, properties, body):
    while colleagues(ch) < ENOUGH:
        ch.connection.process_data_events(time_limit=0.2)
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
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
