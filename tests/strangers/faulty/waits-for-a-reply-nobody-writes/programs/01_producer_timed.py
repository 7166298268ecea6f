import random
import sys
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"
REPLIES = "amq.rabbitmq.reply-to"


class Client:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(queue=QUEUE)
        self.channel.basic_consume(REPLIES, self.on_reply, auto_ack=True)
        self.expected = None
        self.reply = None

    def on_reply(self, channel, method, properties, body):
        if properties.correlation_id == self.expected:
            self.reply = body

    def call(self, body):
        self.reply = None
        self.expected = str(uuid.uuid4())
        self.channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(reply_to=REPLIES, correlation_id=self.expected),
        )
        print(f" [x] Sent {body!r}")
        while self.reply is None:
            self.connection.process_data_events(time_limit=1)
        return self.reply


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
client = Client()
for number in range(1, count + 1):
    now = datetime.now()
    client.call(f"{now:%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}")
client.connection.close()
