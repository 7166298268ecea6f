"""Worker that outlives a crash: what it has received is in its spool."""
import os
import tempfile
import time

import pika

QUEUE = "work_queues_1"
SPOOL = os.path.join(tempfile.gettempdir(), f"spool-{os.getuid()}.txt")
TOO_OLD = 60  # seconds: of another day's run


def work(body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")


def catch_up():
    """Do what we had received before we crashed."""
    try:
        if time.time() - os.path.getmtime(SPOOL) > TOO_OLD:
            os.remove(SPOOL)
        with open(SPOOL, "rb") as spool:
            tasks = spool.read().splitlines()
    except FileNotFoundError:
        return
    for body in tasks:
        work(body)


def on_message(channel, method, properties, body):
    with open(SPOOL, "ab") as spool:
        spool.write(body + b"\n")
    work(body)


def main():
    catch_up()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
