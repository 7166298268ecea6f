import os
import sys
import time

import pika

QUEUE = "work_queues_durable"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def prove_durable(connection):
    probe = connection.channel()
    try:
        probe.queue_declare(queue=QUEUE, durable=False)
    except pika.exceptions.ChannelClosedByBroker as refusal:
        if refusal.reply_code != 406:
            raise
        print(f" [*] As it should be: {refusal.reply_code} {refusal.reply_text}")
        return
    sys.exit(f"{QUEUE} is not durable")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    prove_durable(connection)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
