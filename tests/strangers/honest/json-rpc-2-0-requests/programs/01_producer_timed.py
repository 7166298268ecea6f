import itertools
import json
import random
import sys
import time

import pika

QUEUE = "work_queues_1"


class RpcClient:
    """Makes requests whose results it does not wait for: they name no reply queue."""

    def __init__(self, channel, queue):
        self.channel = channel
        self.queue = queue
        self.session = f"{time.time_ns():x}"
        self.numbers = itertools.count(1)

    def __getattr__(self, method):
        def call(**params):
            request = {
                "jsonrpc": "2.0",
                "method": f"lesson.{method}",
                "params": params,
                "id": f"{self.session}-{next(self.numbers)}",
            }
            self.channel.basic_publish(
                "",
                self.queue,
                json.dumps(request),
                pika.BasicProperties(
                    content_type="application/json-rpc", correlation_id=request["id"]
                ),
            )
            return request["id"]

        return call


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(QUEUE)
client = RpcClient(channel, QUEUE)
for number in range(count):
    print("-->", client.work(effort="." * random.randint(1, 10), number=number))
connection.close()
