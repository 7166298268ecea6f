"""Worker with monitoring events, as Celery sends them."""
import json
import os
import time

import pika

QUEUE = "work_queues_1"
EVENTS = "amq.topic"


class Events:
    def __init__(self, channel):
        self.channel = channel
        self.clock = 0

    def send(self, kind, **fields):
        self.clock += 1
        event = {"type": kind, "clock": self.clock, "pid": os.getpid(), **fields}
        self.channel.basic_publish(
            exchange=EVENTS,
            routing_key=f"worker.{kind}",
            body=json.dumps(event),
            properties=pika.BasicProperties(delivery_mode=1, content_type="application/json"),
        )


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    events = Events(channel)

    def on_message(channel, method, properties, body):
        print(f" [x] Received {body!r}")
        events.send("task-started", tag=method.delivery_tag)
        begun = time.monotonic()
        time.sleep(body.count(b"."))
        print(" [x] Done")
        events.send("task-succeeded", tag=method.delivery_tag, took=time.monotonic() - begun)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    events.send("worker-online")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
