import os
import sys
import time

import pika

QUEUE = "work_queues_1"

calls = 0


def call_service(seconds):
    global calls
    calls += 1
    if calls % 3 == 0:
        time.sleep(1)
        raise TimeoutError("the service did not answer")
    time.sleep(seconds)


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    while True:
        try:
            call_service(body.count(b"."))
            break
        except TimeoutError as error:
            print(f" [!] {error}, trying again")
            time.sleep(2)
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
