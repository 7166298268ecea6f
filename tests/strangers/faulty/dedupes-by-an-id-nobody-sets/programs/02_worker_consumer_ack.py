import os
import sys
import time

import pika

QUEUE = "work_queues_1"

seen = set()


def callback(ch, method, properties, body):
    if properties.message_id in seen:  # delivered once more: it is done already
        ch.basic_ack(delivery_tag=method.delivery_tag)
        return
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    seen.add(properties.message_id)
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
