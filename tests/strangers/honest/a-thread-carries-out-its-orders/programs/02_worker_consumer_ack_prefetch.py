import signal
import sys
import threading
import time

import pika

QUEUE = "work_queues_durable"


class PipelineThread(threading.Thread):
    """Owns the connection. Everybody else gives it orders."""

    def __init__(self, read, prefetch_count=1):
        super().__init__()
        self.read = read
        self.prefetch_count = prefetch_count
        self.incoming = []
        self.orders = []
        self.condition = threading.Condition()

    def order(self, *what):
        with self.condition:
            self.orders.append(what)

    def await_message(self, timeout):
        with self.condition:
            self.condition.wait_for(lambda: self.incoming or not self.is_alive(), timeout)
            return self.incoming.pop(0) if self.incoming else None

    def collect(self, channel, method, properties, body):
        with self.condition:
            self.incoming.append((method, properties, body))
            self.condition.notify()

    def broadcast(self, channel, method, properties, body):
        print(f" [i] Broadcast: {body!r}", flush=True)
        channel.basic_ack(method.delivery_tag)

    def run(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.basic_qos(prefetch_count=self.prefetch_count)
        for queue in self.read:
            channel.queue_declare(queue, durable=True)
        channel.exchange_declare("broadcast", "fanout", durable=True)
        own = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(exchange="broadcast", queue=own)
        for queue in self.read:
            channel.basic_consume(queue, self.collect)
        channel.basic_consume(own, self.broadcast)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)

        running = True
        while running:
            with self.condition:
                orders, self.orders = self.orders, []
            for label, *arguments in orders:
                if label == "msg":
                    queue, body = arguments
                    channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2))
                elif label == "ack":
                    channel.basic_ack(arguments[0])
                elif label == "fin":
                    running = False
            connection.process_data_events(0)
            time.sleep(0.1)
        connection.close()


def handle_message(routing_key, body):
    time.sleep(body.count(b"."))
    yield from []  # this is the last stage: nothing to hand on


def run_consumer(pipeline):
    running = True

    def on_sigterm(signum, frame):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, on_sigterm)
    pipeline.start()
    try:
        while running and pipeline.is_alive():
            message = pipeline.await_message(timeout=0.5)
            if message is None:
                continue
            method, properties, body = message
            print(f" [x] Received {body!r}", flush=True)
            for queue, result in handle_message(method.routing_key, body):
                pipeline.order("msg", queue, result)
            print(" [x] Done", flush=True)
            pipeline.order("ack", method.delivery_tag)
    finally:
        died = not pipeline.is_alive()
        pipeline.order("fin")
        pipeline.join()
    return 1 if died else 0


if __name__ == "__main__":
    try:
        status = run_consumer(PipelineThread(read=[QUEUE]))
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        status = 0
    sys.exit(status)
