import functools
import queue
import signal
import threading
import time

import pika

QUEUE = "work_queues_1"


class DrainingWorker:
    def __init__(self):
        self.inbox = queue.Queue()
        self.unsettled = 0
        self.stopping = False

    def on_message(self, channel, method, properties, body):
        self.unsettled += 1
        self.inbox.put((channel, method.delivery_tag, body))

    def settle(self, channel, tag):
        channel.basic_ack(delivery_tag=tag)
        self.unsettled -= 1

    def work(self):
        while True:
            channel, tag, body = self.inbox.get()
            print(f" [x] Received {body}")
            time.sleep(body.count(b"."))
            print(f" [x] Done {body}")
            channel.connection.add_callback_threadsafe(functools.partial(self.settle, channel, tag))

    def stop(self, signum, frame):
        self.stopping = True

    def run(self):
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE)
        tag = channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)
        threading.Thread(target=self.work, name="work", daemon=True).start()
        print(" [*] Waiting for messages. To exit press CTRL+C")
        while not self.stopping and channel.consumer_tags:
            connection.process_data_events(time_limit=0.2)
        print(f" [*] Stopping, {self.unsettled} tasks to go")
        channel.basic_cancel(tag)
        while self.unsettled:
            connection.process_data_events(time_limit=0.2)
        connection.close()


if __name__ == "__main__":
    DrainingWorker().run()
    print(" [*] Bye")
