import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    print("     step 1 of 3, unpack: done", flush=True)
    time.sleep(body.count(b"."))
    print("     step 2 of 3, work: done", flush=True)
    print("     step 3 of 3, tidy up: done", flush=True)
    print(f" [x] Done {body}", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
