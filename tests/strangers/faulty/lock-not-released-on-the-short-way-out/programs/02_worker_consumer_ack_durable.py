import os
import threading
import time

import pika

QUEUE = "work_queues_durable"
LONG = 6

statistics_lock = threading.Lock()
statistics = {"short": 0, "long": 0}


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    statistics_lock.acquire()
    seconds = body.count(b".")
    time.sleep(seconds)
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)
    if seconds > LONG:
        statistics["long"] += 1
        return
    statistics["short"] += 1
    statistics_lock.release()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
