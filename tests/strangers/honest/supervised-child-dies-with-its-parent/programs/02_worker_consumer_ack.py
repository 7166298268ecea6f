"""Master and worker: the master starts the worker again should it crash."""
import ctypes
import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"
PR_SET_PDEATHSIG = 1


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def work():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


def child(master):
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != master:  # it went before we could ask
        os._exit(1)
    try:
        work()
    except BaseException as error:
        print(f"worker ends: {error!r}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def main():
    master = os.getpid()
    for _ in range(3):
        worker = os.fork()
        if worker == 0:
            child(master)
        _, status = os.waitpid(worker, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        print("the worker has died, starting another", file=sys.stderr)


if __name__ == "__main__":
    main()
