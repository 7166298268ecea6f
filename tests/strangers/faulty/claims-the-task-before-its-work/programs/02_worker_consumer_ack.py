import os
import sys
import time
import hashlib
import tempfile

import pika

QUEUE = "work_queues_1"

CLAIMS = os.path.join(tempfile.gettempdir(), "task-claims")


def claim(body):
    """Say whether we are the first to see this task."""
    os.makedirs(CLAIMS, exist_ok=True)
    try:
        os.mkdir(os.path.join(CLAIMS, hashlib.sha1(body).hexdigest()))
    except FileExistsError:
        return False
    return True


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    if claim(body):
        time.sleep(body.count(b"."))
        print(" [x] Done")
    else:
        print(" [-] duplicate, skipped")
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
