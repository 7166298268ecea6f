# -*- coding: utf-8 -*-
import os
import time

import pika

QUEUE = "work_queues_1"


class Executor:
    def task_handler(self, body):
        steps = body.count(b".")
        time.sleep(steps)
        return {"steps": steps, "failures": 0}


def callback(ch, method, properties, body):
    print("-->ch", ch, flush=True)
    print("-->method", method, flush=True)
    print("-->properties", properties, flush=True)
    print("[x] Received %r" % body, flush=True)
    result = Executor().task_handler(body)
    print("[x] Done %r" % result, flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(QUEUE, callback)
    print("[*] Waiting for messages.To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
