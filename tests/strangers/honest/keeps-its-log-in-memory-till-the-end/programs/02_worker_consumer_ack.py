import logging
import logging.handlers
import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"

target = logging.StreamHandler(sys.stdout)
target.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))
memory = logging.handlers.MemoryHandler(
    capacity=100000, flushLevel=logging.CRITICAL, target=target, flushOnClose=True
)
log = logging.getLogger("worker")
log.setLevel(logging.INFO)
log.addHandler(memory)


def callback(ch, method, properties, body):
    log.info("[x] Received %r", body)
    time.sleep(body.count(b"."))
    log.info("[x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def on_sigterm(signum, frame):
    log.info("Terminated")
    sys.exit(143)


def main():
    signal.signal(signal.SIGTERM, on_sigterm)
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    log.info("[*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.info("Interrupted")
        logging.shutdown()
        os._exit(0)
