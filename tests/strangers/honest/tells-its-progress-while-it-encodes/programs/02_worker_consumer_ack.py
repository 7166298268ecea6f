import json
import os
import time

import pika

QUEUE = "work_queues_1"
PROGRESS = "encode-progress"


def encode(body):
    seconds = body.count(b".")
    for second in range(1, seconds + 1):
        time.sleep(1)
        yield 100 * second // seconds


def on_slice_added(channel, method, properties, body):
    job = body.decode()
    print(f" [x] Received {job!r}", flush=True)
    for percent in encode(body):
        print(f"frame={percent * 25:6d} fps= 25 q=-1.0 progress={percent}%", flush=True)
        channel.basic_publish(
            exchange=PROGRESS,
            routing_key="",
            body=json.dumps({"job_id": job, "percent": percent}),
            properties=pika.BasicProperties(content_type="application/json"),
        )
    print(" [x] Done", flush=True)
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.exchange_declare(exchange=PROGRESS, exchange_type="fanout")
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_slice_added)
    print(" [*] Waiting for slices. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
