import os
import sys
import time

import pika

QUEUE = "work_queues_1"

WORKER = f"作業員{os.getpid()}"


def callback(ch, method, properties, body):
    print(f"［{WORKER}］受信しました：「{body.decode()}」", flush=True)
    time.sleep(body.count(b"."))
    print(f"［{WORKER}］完了しました：「{body.decode()}」", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback, consumer_tag=WORKER)
    print(f"［{WORKER}］メッセージを待っています。終了するには CTRL+C を押してください", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("中断されました", flush=True)
        os._exit(0)
