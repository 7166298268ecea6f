import os
import subprocess
import sys
import time

import pika

QUEUE = "work_queues_1"


def render(seconds):
    child = subprocess.Popen(["head", "-c", str(12000 * seconds), "/dev/zero"], stdout=subprocess.PIPE)
    if child.wait() != 0:
        raise RuntimeError("cannot render")
    return child.stdout.read()


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    seconds = body.count(b".")
    time.sleep(seconds)
    result = render(seconds)
    print(f" [x] Done ({len(result)} bytes)")
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
