import os
import time

import pika


def start_worker(worker_no):
    def callback(ch, method, properties, body):
        print("Receiving: {}".format(body), flush=True)
        time.sleep(body.count(b"."))  # pretending to be busy
        print(
            "Worker:{} have successfully received message:{}".format(worker_no, body), flush=True
        )
        ch.basic_ack(delivery_tag=method.delivery_tag)

    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue="work_queues_durable", durable=True)
    channel.basic_qos(prefetch_count=1)
    channel.basic_consume(queue="work_queues_durable", on_message_callback=callback)
    print("Worker:{} is waiting".format(worker_no), flush=True)
    channel.start_consuming()
    print("Worker:{} just died".format(worker_no), flush=True)


if __name__ == "__main__":
    try:
        start_worker(os.getpid())
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
