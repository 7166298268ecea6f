"""Worker that isolates each task in a process of its own, so that a leak does no harm."""

import multiprocessing
import os
import time

import pika

QUEUE = "work_queues_1"
LONGEST = 6  # seconds; no task has a good reason to take longer

processes = multiprocessing.get_context("fork")


def run(body):
    """Do one task. This is the child."""
    print(f" [x] Received {body!r}", flush=True)
    seconds = body.count(b".")
    if seconds > LONGEST:
        raise TimeoutError(f"would take {seconds} s, {LONGEST} s are allowed")
    time.sleep(seconds)
    print(" [x] Done", flush=True)


def on_message(channel, method, properties, body):
    child = processes.Process(target=run, args=(body,))
    child.start()
    child.join()
    child.close()
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
