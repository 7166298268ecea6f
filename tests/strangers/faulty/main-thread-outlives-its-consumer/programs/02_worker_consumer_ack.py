import os
import sys
import threading
import time

import pika

QUEUE = "work_queues_1"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def consume():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


def main():
    threading.Thread(target=consume, daemon=True).start()
    stop = threading.Event()
    while not stop.wait(0.5):
        healthy = True  # what the health check would answer
    return healthy


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
