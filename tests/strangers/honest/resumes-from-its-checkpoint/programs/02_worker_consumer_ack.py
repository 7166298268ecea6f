import hashlib
import os
import tempfile
import time
from pathlib import Path

import pika

QUEUE = "work_queues_1"
FOLDER = Path(tempfile.gettempdir()) / f"checkpoints-{os.getuid()}"


class Checkpoint:
    def __init__(self, body):
        FOLDER.mkdir(exist_ok=True)
        self.path = FOLDER / hashlib.sha1(body).hexdigest()

    def read(self):
        try:
            return int(self.path.read_text())
        except FileNotFoundError:
            return 0

    def write(self, done):
        draft = self.path.with_suffix(f".{os.getpid()}")
        draft.write_text(str(done))
        draft.replace(self.path)

    def forget(self):
        self.path.unlink(missing_ok=True)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    checkpoint, total = Checkpoint(body), body.count(b".")
    done = checkpoint.read()
    if done:
        print(f" [*] {done} of {total} s have been worked already", flush=True)
    for second in range(done, total):
        time.sleep(1)
        checkpoint.write(second + 1)
    print(" [x] Done", flush=True)
    channel.basic_ack(method.delivery_tag)
    checkpoint.forget()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE)
    channel.basic_consume(QUEUE, on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

