import os
import sys
import time

import pika

QUEUE = "work_queues_durable"

finished = 0


def draw(body, second, seconds):
    bar = "█" * second + "░" * (seconds - second)
    print(
        "\x1b[2J\x1b[H"
        f"\x1b[1;36m╔═ worker {os.getpid()} ═╗\x1b[0m\n"
        f"  now       {body.decode()}\n"
        f"  progress  \x1b[33m{bar}\x1b[0m {second}/{seconds} s\n"
        f"  finished  {finished}",
        flush=True,
    )


def callback(ch, method, properties, body):
    global finished
    seconds = body.count(b".")
    for second in range(seconds):
        draw(body, second, seconds)
        time.sleep(1)
    finished += 1
    draw(body, seconds, seconds)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
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
