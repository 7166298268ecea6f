import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_durable"

log = logging.getLogger("worker")
logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")


class Consumer:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.basic_qos(prefetch_count=1)
        self.channel.add_on_cancel_callback(self.on_cancel)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_cancel(self, frame):
        log.warning("consumer %s was cancelled", frame.method.consumer_tag)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        channel.basic_ack(delivery_tag=method.delivery_tag)

    def run(self):
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        # instead of start_consuming, so that heartbeats and timers are served as well
        while self.connection.is_open:
            self.connection.process_data_events(time_limit=1)


if __name__ == "__main__":
    try:
        Consumer().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
