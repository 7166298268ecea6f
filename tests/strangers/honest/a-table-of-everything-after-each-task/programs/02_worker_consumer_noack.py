import os
import sys
import time

import pika

QUEUE = "work_queues_1"

rows = []


def show_all():
    print("┌─────┬──────────────────────────────────────────────┬──────┬─────────┐")
    for place, (body, seconds, state) in enumerate(rows, start=1):
        print(f"│ {place:3} │ {body.decode():44} │ {seconds:2} s │ {state:7} │")
    print("└─────┴──────────────────────────────────────────────┴──────┴─────────┘", flush=True)


def callback(ch, method, properties, body):
    seconds = body.count(b".")
    print(f" [x] Received {body}", flush=True)
    rows.append([body, seconds, "working"])
    time.sleep(seconds)
    rows[-1][2] = "done"
    print(f" [x] Done {body}")
    show_all()


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
