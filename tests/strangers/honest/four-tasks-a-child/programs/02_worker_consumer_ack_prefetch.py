import ctypes
import os
import signal
import sys
import time

import pika
import pika.exceptions

QUEUE = "work_queues_durable"
TASKS_PER_CHILD = 4
PR_SET_PDEATHSIG = 1

RENEW, QUEUE_GONE, INTERRUPTED, FAILED = 0, 3, 130, 1


def log(text):
    print(f"[{os.getpid()}] {text}", flush=True)


class Child:
    """Connects, does TASKS_PER_CHILD tasks at most, and makes room for the next one."""

    def __init__(self):
        self.done = 0
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(QUEUE, durable=True)
        self.channel.basic_qos(prefetch_count=1)
        self.tag = self.channel.basic_consume(QUEUE, self.on_message)

    def on_message(self, channel, method, properties, body):
        log(f"Received {body!r}")
        time.sleep(body.count(b"."))
        log(f"Done {body!r}")
        self.done += 1
        if self.done == TASKS_PER_CHILD:
            channel.basic_cancel(self.tag)  # first, or the broker would send the next one
        channel.basic_ack(method.delivery_tag)

    def run(self):
        self.channel.start_consuming()
        if self.connection.is_open:
            self.connection.close()
        return RENEW if self.done == TASKS_PER_CHILD else QUEUE_GONE


def be_a_child(parent):
    """Live as the child; never return. Nobody is to work on when the parent is dead."""
    status = FAILED
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            status = Child().run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except pika.exceptions.AMQPError as error:
        log(f"{error!r}")
    finally:
        os._exit(status)


def main():
    parent = os.getpid()
    while True:
        child = os.fork()
        if child == 0:
            be_a_child(parent)
        _, ended = os.waitpid(child, 0)
        status = os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else FAILED
        if status != RENEW:
            return status
        log(f"child {child} has done its {TASKS_PER_CHILD} tasks, here is the next one")


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        log("Interrupted")
        os._exit(0)  # the child goes with us
    if status == INTERRUPTED:
        status = 0
    sys.exit(status)
