import datetime
import json
import os
import sys
import time

import pika

QUEUE = "work_queues_1"


def tell(event, **more):
    now = datetime.datetime.now(datetime.timezone.utc)
    record = {"time": now.isoformat(), "pid": os.getpid(), "event": event, **more}
    print(json.dumps(record, indent=4, ensure_ascii=False), flush=True)


def callback(ch, method, properties, body):
    task = {"body": body.decode(), "tag": method.delivery_tag, "redelivered": method.redelivered}
    tell("received", task=task)
    time.sleep(body.count(b"."))
    tell("done", task=task, seconds=body.count(b"."))
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
