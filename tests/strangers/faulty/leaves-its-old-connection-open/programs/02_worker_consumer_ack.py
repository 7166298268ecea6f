"""Worker that begins afresh when something goes wrong."""

import os
import time

import pika

QUEUE = "work_queues_1"


class Trouble(Exception):
    pass


class Session:
    """A connection with a subscription, and what was done with it."""

    def __init__(self):
        self.done = 0
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(queue=QUEUE, on_message_callback=self.on_message)

    def on_message(self, channel, method, properties, body):
        print(f" [x] Received {body!r}")
        process(body, method.redelivered)
        print(f" [x] Done {body!r}")
        channel.basic_ack(delivery_tag=method.delivery_tag)
        self.done += 1

    def run(self):
        print(" [*] Waiting for messages. To exit press CTRL+C")
        self.channel.start_consuming()


def process(body, redelivered):
    if int(body.split()[2]) % 4 == 0 and not redelivered:
        raise Trouble("lost the database")
    time.sleep(body.count(b"."))


def main():
    sessions = []  # for the statistics
    while True:
        session = Session()
        sessions.append(session)
        try:
            session.run()
        except Trouble as trouble:
            total = sum(s.done for s in sessions)
            print(f" [!] {trouble}; {total} done so far, starting session {len(sessions) + 1}")
            time.sleep(0.5)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
