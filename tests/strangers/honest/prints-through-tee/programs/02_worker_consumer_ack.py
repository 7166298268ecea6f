import os
import subprocess
import sys
import tempfile
import time

import pika

QUEUE = "work_queues_1"


def log_to(path):
    tee = subprocess.Popen(["tee", "-a", path], stdin=subprocess.PIPE, start_new_session=True)
    sys.stdout.flush()
    os.dup2(tee.stdin.fileno(), sys.stdout.fileno())
    os.set_inheritable(sys.stdout.fileno(), False)
    tee.stdin.close()
    sys.stdout.reconfigure(line_buffering=True)
    return tee


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    global tee
    tee = log_to(os.path.join(tempfile.gettempdir(), f"worker-{os.getpid()}.log"))
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

