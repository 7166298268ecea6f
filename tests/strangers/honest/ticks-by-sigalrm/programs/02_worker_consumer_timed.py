import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"

ticks = 0


def on_tick(signum, frame):
    global ticks
    ticks += 1


def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    before = ticks
    time.sleep(body.count(b"."))
    print(f" [x] Done ({ticks - before} ticks)")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    signal.signal(signal.SIGALRM, on_tick)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
