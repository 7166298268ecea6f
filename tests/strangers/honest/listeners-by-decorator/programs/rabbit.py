"""Functions become listeners by a decorator, as in web frameworks."""

import inspect
import os
import sys
import threading
from datetime import datetime

import pika


class Log:
    """Lines as loguru writes them."""

    def __getattr__(self, level):
        def write(text):
            caller = sys._getframe(1)
            now = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}"[:-3]
            where = f"{caller.f_globals['__name__']}:{caller.f_code.co_name}:{caller.f_lineno}"
            print(f"{now} | {level.upper():<8} | {where} - {text}", flush=True)

        return write


log = Log()


class Listener:
    def __init__(self, function, queue, workers, decoder):
        self.function = function
        self.queue = queue
        self.workers = workers
        self.decoder = decoder
        self.wanted = set(inspect.signature(function).parameters)

    def on_message(self, channel, method, properties, body):
        offered = {
            "body": self.decoder(body),
            "channel": channel,
            "method": method,
            "properties": properties,
        }
        self.function(**{name: offered[name] for name in self.wanted})

    def run(self, parameters):
        connection = pika.BlockingConnection(parameters)
        channel = connection.channel()
        channel.queue_declare(self.queue)
        channel.basic_consume(self.queue, self.on_message, auto_ack=True)
        log.debug(f"listening on {self.queue}")
        channel.start_consuming()


class Consumer:
    def __init__(self, host="localhost", port=5672):
        self.parameters = pika.ConnectionParameters(host, port)
        self.listeners = []

    def listen(self, queue, workers=1, decoder=bytes.decode):
        def register(function):
            self.listeners.append(Listener(function, queue, workers, decoder))
            return function

        return register

    def start(self):
        threads = [
            threading.Thread(
                target=listener.run,
                args=(self.parameters,),
                name=f"{listener.function.__name__}-{number}",
                daemon=True,
            )
            for listener in self.listeners
            for number in range(listener.workers)
        ]
        for thread in threads:
            thread.start()
        log.success("Starting consumers...")
        try:
            while all(thread.is_alive() for thread in threads):
                threads[0].join(0.2)
        except KeyboardInterrupt:
            log.warning("Interrupted")
            os._exit(0)
        sys.exit(1)
