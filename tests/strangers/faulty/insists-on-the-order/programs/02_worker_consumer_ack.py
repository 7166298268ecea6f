import heapq
import os
import sys
import time

import pika

QUEUE = "work_queues_1"

waiting = []
expected = 1


def callback(ch, method, properties, body):
    global expected
    heapq.heappush(waiting, (int(body.split()[2]), method.delivery_tag, body))
    while waiting and waiting[0][0] <= expected:
        number, tag, task = heapq.heappop(waiting)
        print(f" [x] Received {task}")
        time.sleep(task.count(b"."))
        print(" [x] Done")
        ch.basic_ack(delivery_tag=tag)
        expected = max(expected, number + 1)


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
