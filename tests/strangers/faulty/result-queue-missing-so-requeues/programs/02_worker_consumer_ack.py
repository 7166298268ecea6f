import os
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_1"

RESULTS = "work_results"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(f" [x] Done {body}")
    try:
        ch.basic_publish(exchange="", routing_key=RESULTS, body=b"result of " + body, mandatory=True)
    except pika.exceptions.UnroutableError:
        print(f" [!] Could not store the result, will try again: {body}")
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=True)
    else:
        ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.confirm_delivery()
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
