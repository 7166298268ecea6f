"""Work on JSON jobs. What cannot be read goes to the dead letters."""

import json
import os
import time

from jobs import QUEUE, connect


def on_job(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    try:
        job = json.loads(body)
        seconds = len(job["work"])
    except (ValueError, KeyError) as error:
        print(f" [!] rejected: {error!r}", flush=True)
        channel.basic_nack(method.delivery_tag, requeue=False)
        return
    time.sleep(seconds)
    print(" [x] Done", flush=True)
    channel.basic_ack(method.delivery_tag)


def main():
    connection, channel = connect()
    channel.basic_consume(QUEUE, on_job)
    print(" [*] Waiting for jobs. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
