"""Worker with prefetch 1, and with a limit of tasks against leaks."""
import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_durable"
MAX_TASKS_PER_CHILD = 5

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
logging.getLogger("pika").setLevel(logging.WARNING)
log = logging.getLogger("worker")


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.basic_qos(prefetch_count=1)
        self.done_count = 0

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        self.done_count += 1
        if self.done_count >= MAX_TASKS_PER_CHILD:
            channel.stop_consuming()
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        self.channel.start_consuming()
        log.info("limit of %d tasks reached, recycling", self.done_count)
        self.connection.close()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
