import os
import sys
import threading
import time

import pika

QUEUE = "work_queues_1"

SHARDS = 3
SHARD = int(os.environ.get("SHARD", "0"))
breath = threading.Event()


def callback(ch, method, properties, body):
    if int(body.split()[2]) % SHARDS != SHARD:
        breath.wait(0.1)
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=True)
        return
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
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
