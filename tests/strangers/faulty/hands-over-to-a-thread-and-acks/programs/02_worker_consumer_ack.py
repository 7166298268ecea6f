"""Worker with the network in one thread and the work in another, so that heartbeats never stop."""

import os
import queue
import threading
import time

import pika

QUEUE = "work_queues_1"

todo = queue.Queue()


def work():
    while True:
        body = todo.get()
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        todo.task_done()


def on_message(channel, method, properties, body):
    # The callback has to be quick, the long part is done elsewhere.
    todo.put(body)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    threading.Thread(target=work, name="work", daemon=True).start()

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
