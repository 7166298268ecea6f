import logging
import sys
import time

from chat_queue import get_queue_client

QUEUE = "work_queues_durable"
log = logging.getLogger("chat.worker")


def consume(body):
    log.info("Received %r", body)
    time.sleep(body.count(b"."))
    log.info("Done")


if __name__ == "__main__":
    client = get_queue_client()
    client.register_consumer(QUEUE, consume)
    log.info("Waiting for messages")
    try:
        client.start_consuming()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        sys.exit(0)
