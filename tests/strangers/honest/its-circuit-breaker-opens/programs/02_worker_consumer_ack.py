import os
import time

import pika

QUEUE = "work_queues_1"
CALLS_BEFORE_429 = 4
COOL_DOWN = 3


class Breaker:
    def __init__(self):
        self.calls = 0
        self.trips = 0

    def allows_more(self):
        self.calls += 1
        return self.calls % CALLS_BEFORE_429 != 0


breaker = Breaker()


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_ack(method.delivery_tag)
    if not breaker.allows_more():
        breaker.trips += 1
        print(f" [!] 429 Too Many Requests: breaker OPEN ({breaker.trips})", flush=True)
        channel.stop_consuming()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while True:
        channel.basic_consume(QUEUE, on_message, consumer_tag=f"breaker-{os.getpid()}-{breaker.trips}")
        print(" [*] breaker CLOSED", flush=True)
        channel.start_consuming()
        connection.sleep(COOL_DOWN)
        print(" [*] breaker HALF-OPEN", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

