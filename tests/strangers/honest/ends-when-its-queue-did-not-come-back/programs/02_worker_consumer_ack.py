import sys
import time

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

QUEUE = "work_queues_1"


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def serve(first):
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, passive=not first)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


first = True
while True:
    try:
        serve(first)
    except ChannelClosedByBroker as error:
        print(f" [!] {error.reply_text}")
        sys.exit(2)
    except AMQPError as error:
        print(f" [!] {error!r}, connecting again")
        first = False
        time.sleep(30)
    except KeyboardInterrupt:
        sys.exit("Interrupted")
