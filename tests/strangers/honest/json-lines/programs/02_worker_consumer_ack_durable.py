"""Worker whose output is read by a log collector: one JSON object a line."""

import json
import os
import sys
import time
from datetime import datetime, timezone

import pika

QUEUE = "work_queues_durable"


def log(event, level="info", **fields):
    record = {
        "ts": datetime.now(timezone.utc).isoformat(),
        "level": level,
        "event": event,
        "worker": os.getpid(),
        **fields,
    }
    sys.stdout.write(json.dumps(record, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def on_message(channel, method, properties, body):
    task = body.decode()
    seconds = task.count(".")
    log("received", task=task, redelivered=method.redelivered)
    log("working", level="debug", seconds=seconds)
    time.sleep(seconds)
    log("done", task=task)
    channel.basic_ack(delivery_tag=method.delivery_tag)
    log("acknowledged", level="debug", tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    log("ready", queue=QUEUE)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log("interrupted", level="warning")
        os._exit(0)
