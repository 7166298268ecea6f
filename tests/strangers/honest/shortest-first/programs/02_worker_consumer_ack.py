"""Worker that does short tasks first: more customers are happy early."""

import heapq
import os
import time

import pika

QUEUE = "work_queues_1"


class ShortestFirst:
    def __init__(self, channel):
        self.channel = channel
        self.jobs = []

    def put(self, channel, method, properties, body):
        heapq.heappush(self.jobs, (body.count(b"."), method.delivery_tag, body))

    def work(self):
        seconds, tag, body = heapq.heappop(self.jobs)
        print(f" [x] Received {body!r} (delivery {tag}, {len(self.jobs)} more)", flush=True)
        time.sleep(seconds)
        print(" [x] Done", flush=True)
        self.channel.basic_ack(tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    desk = ShortestFirst(channel)
    channel.basic_consume(queue=QUEUE, on_message_callback=desk.put)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    while channel.is_open and channel.consumer_tags:
        connection.process_data_events(time_limit=0 if desk.jobs else 1)
        if desk.jobs:
            desk.work()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
