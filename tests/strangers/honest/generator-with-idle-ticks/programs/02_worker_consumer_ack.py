"""Worker with pika's generator: no callback, and a sign of life when there is nothing to do."""

import time

import pika

QUEUE = "work_queues_1"


def handle(body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    idle = 0
    try:
        for method, properties, body in channel.consume(QUEUE, inactivity_timeout=0.2):
            if method is None:
                idle += 1
                print(f" [ ] nothing to do ({idle})", flush=True)
                continue
            idle = 0
            handle(body)
            channel.basic_ack(method.delivery_tag)
    except KeyboardInterrupt:
        print(" [*] stopping", flush=True)
    finally:
        if connection.is_open:
            if channel.is_open:
                channel.cancel()
            connection.close()


main()
