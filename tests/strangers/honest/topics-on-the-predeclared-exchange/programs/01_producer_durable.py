import json
import random
import sys
import uuid
from datetime import datetime, timezone

import pika

QUEUE = "work_queues_durable"
EXCHANGE = "amq.topic"
PREFIX = "org.example.lesson"


class Message:
    severity = 20

    def __init__(self, topic, body):
        self.topic = topic
        self.body = body
        self.id = str(uuid.uuid4())

    @property
    def properties(self):
        return pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            message_id=self.id,
            headers={
                "fedora_messaging_schema": "base.message",
                "fedora_messaging_severity": self.severity,
                "sent-at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            },
        )


class Publisher:
    def __enter__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.channel.queue_declare(queue=QUEUE, durable=True)
        self.channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key=f"{PREFIX}.#")
        return self

    def publish(self, message):
        self.channel.basic_publish(
            exchange=EXCHANGE,
            routing_key=f"{PREFIX}.{message.topic}",
            body=json.dumps(message.body).encode("utf-8"),
            properties=message.properties,
            mandatory=True,
        )

    def __exit__(self, *exc):
        self.connection.close()


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
with Publisher() as publisher:
    for number in range(1, count + 1):
        body = {"n": number, "at": str(datetime.now()), "work": "." * random.randint(1, 10)}
        publisher.publish(Message(f"task.new.{number % 3}", body))
print(f"published {count} messages")
