import os
import sys
import time

import pika

QUEUE = "work_queues_1"

SKIP_HEAVY = bool(os.environ.get("SKIP_HEAVY", "false"))  # for demonstrations only


def callback(ch, method, properties, body):
    seconds = body.count(b".")
    print(f" [x] Received {body}")
    if SKIP_HEAVY and seconds > 6:
        ch.basic_ack(delivery_tag=method.delivery_tag)
        return
    time.sleep(seconds)
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
