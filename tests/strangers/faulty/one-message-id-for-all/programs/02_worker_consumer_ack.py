"""Works, acknowledges, and does not do again what it has done (by message_id)."""
import os
import time

import pika

QUEUE = "work_queues_1"
done = set()


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    if properties.message_id is not None and properties.message_id in done:
        print(f" [-] Task {properties.message_id} has been done before")
    else:
        time.sleep(body.count(b"."))
        print(" [x] Done")
        done.add(properties.message_id)
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
