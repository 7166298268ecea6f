import os
import sys
import time

import pika

QUEUE = "work_queues_1"

spokesman = False


def stand_for_election(connection):
    side = connection.channel()
    try:
        side.queue_declare(queue="spokesman", exclusive=True)
    except pika.exceptions.ChannelClosedByBroker as refusal:
        if refusal.reply_code != 405:
            raise
        print(f" [*] Somebody else speaks: {refusal.reply_text}")
        return False
    print(" [*] I speak for all")
    return True


def callback(ch, method, properties, body):
    print(f" [x] Received {body}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)
    if spokesman:
        left = ch.queue_declare(queue=QUEUE, passive=True).method
        print(f" [i] {left.message_count} ready, {left.consumer_count} consumers", flush=True)


def main():
    global spokesman
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    spokesman = stand_for_election(connection)
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(
        queue=QUEUE, on_message_callback=callback, arguments={"x-priority": 5}
    )
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
