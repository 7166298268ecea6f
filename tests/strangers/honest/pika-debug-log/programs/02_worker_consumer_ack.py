"""Worker that logs everything, pika's inner life included: I am looking for a bug."""

import logging
import os
import time

import pika

QUEUE = "work_queues_1"

logging.basicConfig(
    level=logging.DEBUG,
    format="%(asctime)s %(levelname)-5s [%(threadName)s] %(name)s:%(lineno)d - %(message)s",
)
log = logging.getLogger("worker")


def on_message(channel, method, properties, body):
    started = time.perf_counter()
    log.info("Received %r", body)
    log.debug("delivery %d, redelivered %s", method.delivery_tag, method.redelivered)
    log.debug("properties %r", properties)
    time.sleep(body.count(b"."))
    log.info("Done %r in %.3f s", body, time.perf_counter() - started)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    log.info("Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.warning("Interrupted")
        os._exit(0)
