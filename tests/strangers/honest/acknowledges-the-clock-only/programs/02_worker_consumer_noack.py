import os
import time

import pika

QUEUE = "work_queues_1"
BOARD = "scoreboard"

score = 0


def on_task(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)
    channel.basic_publish(BOARD, "", b"one more, by %d" % os.getpid())


def on_tick(channel, method, properties, body):
    global score
    score += 1
    channel.basic_ack(method.delivery_tag)
    if score % 10 == 0:
        print(f" [*] All of us together: {score}", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.exchange_declare(BOARD, exchange_type="fanout")
    mine = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(mine, BOARD)
    channel.queue_declare(QUEUE)
    channel.basic_consume(mine, on_tick)
    channel.basic_consume(QUEUE, on_task)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
