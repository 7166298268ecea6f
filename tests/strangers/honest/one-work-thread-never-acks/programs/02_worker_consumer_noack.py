import os
import queue
import sys
import threading
import time

import pika

QUEUE = "work_queues_1"

inbox = queue.Queue()


def work():
    for body in iter(inbox.get, None):
        print(f" [x] Received {body}")
        time.sleep(body.count(b"."))
        print(" [x] Done")


def callback(ch, method, properties, body):
    inbox.put(body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    threading.Thread(target=work, name="work", daemon=True).start()
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
