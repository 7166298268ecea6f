import os
import time
from collections import deque

import pika

QUEUE = "work_queues_1"
inbox = deque(maxlen=5)  # never more than five tasks in memory


def callback(ch, method, properties, body):
    inbox.append(body)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        connection.process_data_events(time_limit=1)
        while inbox:
            body = inbox.popleft()
            print(f" [x] Received {body}")
            time.sleep(body.count(b"."))
            print(" [x] Done")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
