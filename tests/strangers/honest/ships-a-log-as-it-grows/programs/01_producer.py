import json
import multiprocessing
import os
import queue
import random
import socket
import sys
import tempfile
import time
from datetime import datetime

import pika

QUEUE = "work_queues_1"
processes = multiprocessing.get_context("fork")


def application(path, count):
    """Write a log, at times half a line first and the rest of it later."""
    with open(path, "a", encoding="utf-8") as log:
        for number in range(1, count + 1):
            line = f"{datetime.now():%b %d %H:%M:%S} web[{os.getpid()}]: GET /page/{number} 200\n"
            cut = random.randrange(len(line))
            for part in (line[:cut], line[cut:]):
                log.write(part)
                log.flush()
                time.sleep(0.01)


def tail(path, lines, finished):
    """Follow the file as it grows, and hand on whole lines only."""
    with open(path, encoding="utf-8") as log:
        rest = ""
        while True:
            over = finished.is_set()
            grown = log.read()
            *whole, rest = (rest + grown).split("\n")
            for line in whole:
                lines.put((log.tell(), line))
            if over and not grown:
                break
            if not grown:
                time.sleep(0.05)
    lines.put(None)


class RabbitmqTransport:
    def __init__(self):
        self.host = socket.gethostname()
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.exchange_declare("logstash-exchange", "direct")
        self.channel.queue_declare(QUEUE)
        self.channel.queue_bind(QUEUE, "logstash-exchange", "logstash-key")

    def callback(self, path, offset, line):
        event = {
            "@source": f"file://{self.host}{path}",
            "@type": "file",
            "@tags": [],
            "@fields": {"offset": offset},
            "@timestamp": datetime.utcnow().isoformat() + "Z",
            "@source_host": self.host,
            "@source_path": path,
            "@message": line,
        }
        self.channel.basic_publish(
            "logstash-exchange",
            "logstash-key",
            json.dumps(event),
            pika.BasicProperties(content_type="text/json", delivery_mode=1),
        )


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "access.log")
        open(path, "x").close()
        lines, finished = processes.Queue(), processes.Event()
        writer = processes.Process(target=application, args=(path, count))
        follower = processes.Process(target=tail, args=(path, lines, finished))
        writer.start()
        follower.start()

        transport = RabbitmqTransport()
        shipped = 0
        while True:
            if not writer.is_alive():
                finished.set()
            try:
                item = lines.get(timeout=0.2)
            except queue.Empty:
                continue
            if item is None:
                break
            transport.callback(path, *item)
            shipped += 1
        transport.connection.close()
        writer.join()
        follower.join()
        print(f"[{path}] - shipped {shipped} lines, closing", file=sys.stderr)


if __name__ == "__main__":
    main()
