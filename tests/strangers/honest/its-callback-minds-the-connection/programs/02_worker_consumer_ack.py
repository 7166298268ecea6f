import os
import threading
import time

import pika

QUEUE = "work_queues_1"


class Export(threading.Thread):
    def __init__(self, body):
        super().__init__(daemon=True)
        self.body = body
        self.failure = None

    def run(self):
        try:
            time.sleep(self.body.count(b"."))
        except Exception as failure:
            self.failure = failure


def data_handler(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    export = Export(body)
    export.start()
    while export.is_alive():
        channel.connection.sleep(1.0)
    export.join()
    if export.failure is not None:
        print(f" [!] {export.failure!r}, giving it back", flush=True)
        channel.basic_nack(delivery_tag=method.delivery_tag, requeue=True)
        return
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    parameters = pika.ConnectionParameters(host="localhost", heartbeat=60)
    connection = pika.BlockingConnection(parameters)
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=data_handler)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
