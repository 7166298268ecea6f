import base64
import io
import json
import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def resize(data):
    pixels = base64.b64decode(data["file_content"])
    buf = io.BytesIO(pixels)
    time.sleep(buf.getvalue().count(b"."))


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()

    channel.queue_declare(queue=QUEUE)

    def callback(ch, method, properties, body):
        print(f" [x] Received {body}", flush=True)
        resize(json.loads(body))
        print(" [x] Done", flush=True)

    channel.basic_consume(queue=QUEUE, on_message_callback=callback, auto_ack=True)

    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        try:
            sys.exit(0)
        except SystemExit:
            os._exit(0)
