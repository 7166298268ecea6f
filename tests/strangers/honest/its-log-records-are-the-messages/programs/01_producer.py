import json
import logging
import queue
import socket
import sys
import threading

import pika

QUEUE = "work_queues_1"


class JSONFormatter(logging.Formatter):
    def format(self, record):
        return json.dumps(
            {
                "host": socket.gethostname(),
                "level": record.levelname,
                "name": record.name,
                "msg": record.getMessage(),
                "created": record.created,
                "process": record.process,
                "thread": record.threadName,
                "file": f"{record.filename}:{record.lineno}",
                "order": record.order,
            }
        )


class RabbitHandlerOneWay(logging.Handler):
    """Hands records to a thread of its own, which alone talks to the broker."""

    def __init__(self, exchange="log"):
        super().__init__(logging.INFO)
        self.setFormatter(JSONFormatter())
        self.exchange = exchange
        self.records = queue.Queue()
        self.worker = threading.Thread(target=self._publish_all, name="rabbit-logging")
        self.worker.start()

    def _publish_all(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        channel = connection.channel()
        channel.exchange_declare(self.exchange, "topic")
        channel.queue_declare(QUEUE)
        channel.queue_bind(QUEUE, self.exchange, "shop.#")
        while True:
            record = self.records.get()
            if record is None:
                break
            key = f"{record.name}.{record.levelname}"
            properties = pika.BasicProperties(content_type="application/json", type=record.levelname)
            channel.basic_publish(self.exchange, key, self.format(record), properties)
        connection.close()

    def emit(self, record):
        self.records.put(record)

    def close(self):
        if self.worker.is_alive():
            self.records.put(None)
            self.worker.join()
        super().close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    log = logging.getLogger("shop.checkout")
    log.setLevel(logging.INFO)
    log.propagate = False
    handler = RabbitHandlerOneWay()
    log.addHandler(handler)
    for order in range(1, count + 1):
        level = logging.WARNING if order % 5 == 0 else logging.INFO
        log.log(level, "order %d accepted", order, extra={"order": order})
    log.removeHandler(handler)
    handler.close()


if __name__ == "__main__":
    main()
