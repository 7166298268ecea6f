import os
import sys
import time

import pika

QUEUE = "work_queues_durable"

def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def on_cancel(frame):
    print(f" [!] The server cancelled {frame.method.consumer_tag}: the queue is gone")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.add_on_cancel_callback(on_cancel)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    rounds = 0
    while channel.is_open and channel.consumer_tags:
        connection.process_data_events(time_limit=0.25)
        rounds += 1
    if not channel.is_open:
        sys.exit("the server closed the channel")
    connection.close()
    print(f" [*] Nothing left to wait for, after {rounds} rounds")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
