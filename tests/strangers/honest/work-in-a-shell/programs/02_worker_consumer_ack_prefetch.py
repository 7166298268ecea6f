"""Run a shell command for each task, one at a time."""
import os
import subprocess

import pika

QUEUE = "work_queues_durable"
SECONDS_PER_DOT = 0.006


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}")
    seconds = body.count(b".") * SECONDS_PER_DOT
    ended = subprocess.run(["sh", "-c", f"sleep {seconds:.3f}"], check=False)
    if ended.returncode != 0:
        print(f" [!] The command ended with {ended.returncode}, giving the task back")
        channel.basic_nack(delivery_tag=method.delivery_tag, requeue=True)
        return
    print(" [x] Done")
    channel.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
