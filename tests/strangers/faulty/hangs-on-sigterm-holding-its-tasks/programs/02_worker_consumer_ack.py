"""Worker with a graceful shutdown: finishes the current task, takes no new one."""

import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"


class Worker:
    def __init__(self):
        self.stopping = False
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, signum, frame):
        print(" [*] Stopping after the current task", file=sys.stderr)
        self.stopping = True

    def on_message(self, channel, method, properties, body):
        while self.stopping:
            # going down: do not begin anything new
            time.sleep(1)
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        while not self.stopping:
            self.connection.process_data_events(time_limit=1)
        self.connection.close()
        print(" [*] Bye", flush=True)


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
