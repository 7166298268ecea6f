"""Worker behind a circuit breaker: when the backend fails, we take nothing for two seconds."""

import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_durable"
PAUSE = 2

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
logging.getLogger("pika").setLevel(logging.ERROR)
log = logging.getLogger("worker")


class BackendDown(Exception):
    pass


class Subscription:
    def __init__(self, channel, callback):
        self.channel = channel
        self.callback = callback
        self.tag = None

    def start(self):
        if self.tag is not None:  # we have one already
            return
        self.tag = self.channel.basic_consume(queue=QUEUE, on_message_callback=self.callback)
        log.info("consuming")

    def stop(self):
        self.channel.basic_cancel(self.tag)
        log.info("consuming no more")


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = self.connection.channel()
        channel.queue_declare(queue=QUEUE, durable=True)
        self.subscription = Subscription(channel, self.on_message)

    def on_message(self, channel, method, properties, body):
        log.info("Received %r", body)
        try:
            self.render(body, again=method.redelivered)
        except BackendDown as error:
            log.warning("%s; circuit open for %s s", error, PAUSE)
            channel.basic_nack(method.delivery_tag, requeue=True)
            self.subscription.stop()
            self.connection.call_later(PAUSE, self.subscription.start)
        else:
            log.info("Done %r", body)
            channel.basic_ack(method.delivery_tag)

    def render(self, body, again):
        if int(body.split()[2]) % 4 == 0 and not again:
            raise BackendDown("renderer does not answer")
        time.sleep(body.count(b"."))

    def run(self):
        self.subscription.start()
        while True:
            self.connection.process_data_events(time_limit=1)


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        os._exit(0)
