import os

import pika
from syslog5424 import get_logger

QUEUE = "work_queues_1"
log = get_logger("lesson-consumer")


def on_message(channel, method, properties, body):
    data = {"tag": method.delivery_tag, "consumer": method.consumer_tag, "size": len(body)}
    log.info("Received %r", body, extra={"msgid": "RECV", "data": data})


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    log.info("Waiting for messages", extra={"msgid": "READY"})
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log.warning("Interrupted")
        os._exit(0)
