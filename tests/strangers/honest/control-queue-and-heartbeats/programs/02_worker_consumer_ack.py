"""Worker that can be told to stop from afar, and that says that it is alive.

Commands arrive at a queue of our own (exclusive, acknowledged automatically), tasks at the common
one. A thread publishes a sign of life for the operators' dashboard; nobody needs to read it.
"""

import os
import threading
import time

import pika

QUEUE = "work_queues_1"
COMMANDS = "worker.commands"
STATUS = "worker.status"


def connect():
    return pika.BlockingConnection(pika.ConnectionParameters("localhost"))


def heartbeat(end):
    connection = connect()
    channel = connection.channel()
    channel.queue_declare(STATUS, arguments={"x-message-ttl": 5000, "x-max-length": 50})
    while not end.wait(0.2):
        channel.basic_publish("", STATUS, b"alive", pika.BasicProperties(type="status"))
        connection.process_data_events()


def on_command(channel, method, properties, body):
    print(f" [!] command: {body.decode()}", flush=True)
    if body == b"stop":
        raise KeyboardInterrupt


def on_task(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    end = threading.Event()
    threading.Thread(target=heartbeat, args=(end,), daemon=True).start()

    connection = connect()
    control = connection.channel()
    control.exchange_declare(COMMANDS, "fanout")
    own = control.queue_declare("", exclusive=True).method.queue
    control.queue_bind(own, COMMANDS)
    control.basic_consume(own, on_command, auto_ack=True)

    tasks = connection.channel()
    tasks.queue_declare(QUEUE)
    tasks.basic_consume(QUEUE, on_task)
    print(f" [*] Waiting for tasks on {QUEUE}, for commands on {own}", flush=True)
    tasks.start_consuming()
    end.set()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
