import random
import sys
import threading
from datetime import datetime

import pika

QUEUE = "work_queues_1"


class Publisher(threading.Thread):
    """Keeps its connection alive for as long as the program runs; others ask it to publish."""

    def __init__(self):
        super().__init__(name="Publisher", daemon=True)
        self.connection = pika.BlockingConnection(
            pika.ConnectionParameters("localhost", heartbeat=30)
        )
        self.channel = self.connection.channel()
        self.channel.queue_declare(QUEUE)
        self.is_running = True

    def run(self):
        while self.is_running:
            self.connection.process_data_events(time_limit=1)
        # what others have asked for before they asked it to stop is done, in that order
        self.connection.close()

    def publish(self, body):
        self.connection.add_callback_threadsafe(lambda: self._publish(body))

    def _publish(self, body):
        self.channel.basic_publish("", QUEUE, body)
        print(f" [x] Sent {body!r}", flush=True)

    def stop(self):
        self.connection.add_callback_threadsafe(self._stop)
        self.join()

    def _stop(self):
        self.is_running = False


class Station:
    """Something that has news now and then, in a thread of its own."""

    lock = threading.Lock()
    number = 0

    def __init__(self, name, publisher, total):
        self.thread = threading.Thread(target=self.report, args=(name, publisher, total))
        self.thread.start()

    def report(self, name, publisher, total):
        while True:
            with Station.lock:
                if Station.number == total:
                    return
                Station.number += 1
                dots = "." * random.randint(1, 10)
                now = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}"
                publisher.publish(f"{now} {Station.number:6} {name} {dots}")
            threading.Event().wait(0.002)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    publisher = Publisher()
    publisher.start()
    stations = [Station(name, publisher, count) for name in ("north", "south", "east")]
    for station in stations:
        station.thread.join()
    print("Stopping...", flush=True)
    publisher.stop()
    print("Stopped", flush=True)


if __name__ == "__main__":
    main()
