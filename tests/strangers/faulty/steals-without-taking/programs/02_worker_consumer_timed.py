"""Work with two threads: the second takes over the newest tasks when there are many."""
import collections
import os
import threading
import time

import pika

QUEUE = "work_queues_1"
backlog = collections.deque()
there_is_work = threading.Semaphore(0)


def work(body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r}", flush=True)


def owner():
    while True:
        there_is_work.acquire()
        work(backlog.popleft())


def thief():
    stolen = set()
    while True:
        waiting = [body for body in list(backlog) if body not in stolen]
        if len(waiting) < 4:
            threading.Event().wait(0.002)
            continue
        body = waiting[-1]  # from the other end, so as not to get into its way
        stolen.add(body)
        work(body)


def on_message(channel, method, properties, body):
    backlog.append(body)
    there_is_work.release()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for target in (owner, thief):
        threading.Thread(target=target, daemon=True).start()
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
