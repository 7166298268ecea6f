"""@RabbitListener(queues = "work_queues_1", ackMode = "MANUAL"), ported."""
import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_1"
DEFAULT_PREFETCH_COUNT = 250

LAYOUT = (
    "%(asctime)s.%(msecs)03d  %(levelname)s %(process)d --- "
    "[ntContainer#0-1] c.example.tasks.Receiver                 : %(message)s"
)
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter(LAYOUT, "%Y-%m-%d %H:%M:%S"))
log = logging.getLogger("receiver")
log.addHandler(handler)
log.setLevel(logging.INFO)


class Receiver:
    def on_message(self, channel, method, properties, body):
        log.info("Received %r", body)
        time.sleep(body.count(b"."))
        log.info("Done")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_qos(prefetch_count=DEFAULT_PREFETCH_COUNT)
    channel.basic_consume(queue=QUEUE, on_message_callback=Receiver().on_message)
    log.info("Started, waiting for messages")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.info("Shutting down")
        os._exit(0)
