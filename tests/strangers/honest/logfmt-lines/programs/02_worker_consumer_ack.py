import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def log(msg, **fields):
    pairs = {"ts": f"{time.time():.3f}", "level": "info", "msg": msg, **fields}
    print(" ".join(f"{k}={quoted(str(v))}" for k, v in pairs.items()), flush=True)


def quoted(text):
    if " " in text or "=" in text or '"' in text:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def callback(ch, method, properties, body):
    text = body.decode()
    log("task received", tag=method.delivery_tag, body=text)
    begun = time.perf_counter()
    time.sleep(body.count(b"."))
    log("task done", tag=method.delivery_tag, body=text, seconds=f"{time.perf_counter() - begun:.3f}")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    log("waiting for messages", queue=QUEUE)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        log("interrupted")
        sys.stdout.flush()
        os._exit(0)
