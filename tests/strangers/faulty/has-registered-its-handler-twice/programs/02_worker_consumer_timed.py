"""A little framework: handlers are registered and called for each message."""

import os
import time

import pika

QUEUE = "work_queues_1"


class Application:
    def __init__(self):
        self.handlers = []

    def handler(self, function):
        self.handlers.append(function)
        return function

    def discover(self, module):
        """Register whatever is called handle_…"""
        for name, thing in list(module.items()):
            if name.startswith("handle_") and callable(thing):
                self.handler(thing)

    def on_message(self, channel, method, properties, body):
        for function in self.handlers:
            function(body)

    def run(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.queue_declare(queue=QUEUE)
        channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message, auto_ack=True)
        print(" [*] Waiting for messages. To exit press CTRL+C")
        channel.start_consuming()


app = Application()


@app.handler
def handle_task(body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(f" [x] Done {body!r}")


if __name__ == "__main__":
    app.discover(globals())
    try:
        app.run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
