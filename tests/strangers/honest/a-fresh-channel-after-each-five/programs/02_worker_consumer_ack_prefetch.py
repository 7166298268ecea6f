import os
import time

import pika

QUEUE = "work_queues_durable"
TASKS_PER_CHANNEL = 5


def serve(connection):
    served = 0

    def on_message(channel, method, properties, body):
        nonlocal served
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)
        served += 1
        if served == TASKS_PER_CHANNEL:
            channel.stop_consuming()

    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(QUEUE, on_message, consumer_tag="the-only-one")
    channel.start_consuming()
    channel.close()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        serve(connection)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
