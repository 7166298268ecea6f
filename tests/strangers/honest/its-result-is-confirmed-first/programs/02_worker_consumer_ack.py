import json
import os
import time

import pika

QUEUE = "work_queues_1"
RESULTS = "results"


class Consumer:
    def __init__(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.incoming = connection.channel()
        self.outgoing = connection.channel()
        self.outgoing.queue_declare(RESULTS, durable=True)
        self.outgoing.confirm_delivery()

    def on_task(self, channel, method, properties, body):
        print(f" [x] Received {body!r}", flush=True)
        began = time.time()
        time.sleep(body.count(b"."))
        print(" [x] Done", flush=True)
        result = {"task": body.decode(), "began": began, "ended": time.time(), "by": os.getpid()}
        self.outgoing.basic_publish(
            "",
            RESULTS,
            json.dumps(result),
            pika.BasicProperties(content_type="application/json", delivery_mode=2),
            mandatory=True,
        )
        channel.basic_ack(method.delivery_tag)

    def run(self):
        self.incoming.queue_declare(QUEUE)
        self.incoming.basic_consume(QUEUE, self.on_task)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        self.incoming.start_consuming()


if __name__ == "__main__":
    try:
        Consumer().run()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
