import os

import pika

QUEUE = "work_queues_1"


def left_hand(channel, method, properties, body):
    print(f" [x] Received {body!r} with my left", flush=True)


def right_hand(channel, method, properties, body):
    print(f" [x] Received {body!r} with my right", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(QUEUE, left_hand, auto_ack=True, consumer_tag="left")
    channel.basic_consume(QUEUE, right_hand, auto_ack=True, consumer_tag="right")
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
