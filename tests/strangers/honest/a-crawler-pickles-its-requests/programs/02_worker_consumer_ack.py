import os
import pickle
import time

import pika

QUEUE = "work_queues_1"


def scrape(request):
    time.sleep(len(request["work"]))
    return 200


def callback(ch, method, properties, body):
    request = pickle.loads(body)
    print(f"[x] Received {request['url']}", flush=True)
    status = scrape(request)
    print(f"[x] Done {request['url']} with {status}", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback, auto_ack=False)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
