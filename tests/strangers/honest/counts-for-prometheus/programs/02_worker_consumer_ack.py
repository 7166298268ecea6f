import os
import sys
import time
from collections import defaultdict
from functools import reduce

import pika

QUEUE = "work_queues_1"
HELP = {
    "messages_received_total": "Messages received, by queue",
    "messages_done_total": "Messages done, by queue",
    "messages_failed_total": "Messages that raised, by queue",
    "messages_in_progress": "Messages that are being worked on",
}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, float("inf"))


class Registry:
    def __init__(self):
        self.values = defaultdict(float)
        self.buckets = dict.fromkeys(BUCKETS, 0)
        self.sum = 0.0

    def observe(self, seconds):
        self.sum += seconds
        for bound in BUCKETS:
            self.buckets[bound] += seconds <= bound

    def exposition(self):
        label = f'{{queue="{QUEUE}"}}'
        for name, text in HELP.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            yield f"# HELP {name} {text}"
            yield f"# TYPE {name} {kind}"
            yield f"{name}{label} {self.values[name]}"
        yield "# HELP message_processing_seconds Time until a received message is done"
        yield "# TYPE message_processing_seconds histogram"
        for bound, count in self.buckets.items():
            le = "+Inf" if bound == float("inf") else bound
            yield f'message_processing_seconds_bucket{{queue="{QUEUE}",le="{le}"}} {count}'
        yield f"message_processing_seconds_count{label} {self.buckets[float('inf')]}"
        yield f"message_processing_seconds_sum{label} {self.sum}"


registry = Registry()


class Delivery:
    def __init__(self, channel, method, body):
        self.channel, self.tag, self.body = channel, method.delivery_tag, body

    def ack(self):
        self.channel.basic_ack(self.tag)

    def give_back(self):
        self.channel.basic_nack(self.tag, requeue=True)


def acknowledging(following):
    def middleware(delivery):
        try:
            following(delivery)
        except Exception:
            delivery.give_back()
            raise
        delivery.ack()

    return middleware


def counting(following):
    def middleware(delivery):
        registry.values["messages_received_total"] += 1
        registry.values["messages_in_progress"] += 1
        began = time.perf_counter()
        try:
            following(delivery)
        except Exception:
            registry.values["messages_failed_total"] += 1
            raise
        else:
            registry.values["messages_done_total"] += 1
            registry.observe(time.perf_counter() - began)
        finally:
            registry.values["messages_in_progress"] -= 1
            for line in registry.exposition():
                print(line)
            sys.stdout.flush()

    return middleware


def logging(following):
    def middleware(delivery):
        print(f"received {delivery.body!r}", flush=True)
        following(delivery)
        print(f"done {delivery.body!r}", flush=True)

    return middleware


def work(delivery):
    time.sleep(delivery.body.count(b"."))


def chain(*middlewares, handler):
    return reduce(lambda following, middleware: middleware(following), reversed(middlewares), handler)


def main():
    handle = chain(acknowledging, counting, logging, handler=work)
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(QUEUE, lambda ch, method, properties, body: handle(Delivery(ch, method, body)))
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
