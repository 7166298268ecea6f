import logging
import os
import sys
import time

import pika

QUEUE = "work_queues_1"

log = logging.getLogger("worker")


def two_handlers():
    console = logging.StreamHandler(sys.stdout)  # for whoever looks
    console.setFormatter(logging.Formatter("%(message)s"))
    journal = logging.StreamHandler(sys.stderr)  # for systemd
    journal.setFormatter(logging.Formatter("%(asctime)s %(name)s[%(process)d] %(message)s"))
    log.setLevel(logging.INFO)
    log.addHandler(console)
    logging.getLogger().addHandler(journal)  # what log says goes up to the root, too


def callback(ch, method, properties, body):
    log.info(" [x] Received %r", body)
    time.sleep(body.count(b"."))
    log.info(" [x] Done")


def main():
    two_handlers()
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    log.info(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
