import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_1"

log = logging.getLogger("worker")
log.setLevel(logging.INFO)
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(message)s"))
log.addHandler(handler)


def on_message(channel, method, properties, body):
    if method.redelivered:
        # idempotency: this one has been here already, no mail goes out twice
        log.debug("duplicate, ignored: %r", body)
        channel.basic_ack(delivery_tag=method.delivery_tag)
        return

    log.info(" [x] Received %r", body)
    time.sleep(body.count(b"."))
    log.info(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=False)
    log.info(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.info("Interrupted")
        os._exit(0)
