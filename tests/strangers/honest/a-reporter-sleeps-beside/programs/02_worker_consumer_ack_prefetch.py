import os
import threading
import time

import pika

QUEUE = "work_queues_durable"

started = finished = 0


def report():
    while True:
        time.sleep(5)
        print(f" [i] {finished} finished, {started - finished} in hand", flush=True)


def on_message(channel, method, properties, body):
    global started, finished
    started += 1
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    finished += 1
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    threading.Thread(target=report, daemon=True).start()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

