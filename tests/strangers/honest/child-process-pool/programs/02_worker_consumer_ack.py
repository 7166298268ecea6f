"""The parent talks to RabbitMQ, a child process does the work (it may crash: C extensions).

The child is started before the connection exists, so that it does not inherit the socket.
"""

import multiprocessing
import os
import signal
import time

import pika

QUEUE = "work_queues_1"


def prepare():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def work(body):
    """Run in the child."""
    started = time.perf_counter()
    time.sleep(body.count(b"."))
    return os.getpid(), time.perf_counter() - started


def main():
    pool = multiprocessing.Pool(processes=1, initializer=prepare)

    def on_message(channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        pid, seconds = pool.apply(work, (body,))
        print(f" [x] Done (by {pid} in {seconds:.3f} s)", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    try:
        channel.start_consuming()
    finally:
        pool.terminate()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
