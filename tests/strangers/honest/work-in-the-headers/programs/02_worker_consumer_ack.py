"""Work on jobs that have headers only."""

import os
import time

import pika

QUEUE = "jobs_by_header"


def on_job(channel, method, properties, body):
    print(f" [x] Received {properties.message_id}", flush=True)
    time.sleep(properties.headers["seconds"])
    print(f" [x] Done {properties.message_id}", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_job)
    print(" [*] Waiting for jobs. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
