"""A small bus: an exchange for each message type, one for the endpoint, and the endpoint's queue."""

import json
import os
import platform
import socket
import time
import traceback
import uuid
from datetime import datetime, timezone

import pika

ENDPOINT = "work_queues_durable"
CONTRACT = "Lesson.Contracts:DoWork"
URN = f"urn:message:{CONTRACT}"
CONTENT_TYPE = "application/vnd.masstransit+json"


def connect():
    return pika.BlockingConnection(
        pika.ConnectionParameters("localhost", client_properties={"connection_name": "bus"})
    )


def configure(channel):
    for exchange in (CONTRACT, ENDPOINT):
        channel.exchange_declare(exchange, "fanout", durable=True)
    channel.queue_declare(ENDPOINT, durable=True)
    channel.queue_bind(queue=ENDPOINT, exchange=ENDPOINT, routing_key="")
    channel.exchange_bind(destination=ENDPOINT, source=CONTRACT, routing_key="")


def host():
    return {
        "machineName": socket.gethostname(),
        "processName": "python",
        "processId": os.getpid(),
        "assembly": "lesson",
        "assemblyVersion": "1.4.0.0",
        "frameworkVersion": platform.python_version(),
        "massTransitVersion": "8.0.16.0",
    }


def envelope(message, conversation):
    return {
        "messageId": str(uuid.uuid4()),
        "conversationId": conversation,
        "sourceAddress": f"rabbitmq://localhost/{socket.gethostname()}_python_bus?temporary=true",
        "destinationAddress": f"rabbitmq://localhost/{CONTRACT}",
        "messageType": [URN],
        "message": message,
        "sentTime": datetime.now(timezone.utc).isoformat(),
        "headers": {},
        "host": host(),
    }


def publish(channel, message, conversation):
    wrapped = envelope(message, conversation)
    channel.basic_publish(
        exchange=CONTRACT,
        routing_key="",
        body=json.dumps(wrapped, indent=2),
        properties=pika.BasicProperties(
            content_type=CONTENT_TYPE,
            delivery_mode=2,
            message_id=wrapped["messageId"],
            headers={"Content-Type": CONTENT_TYPE, "publishId": "1"},
        ),
    )


class DoWorkConsumer:
    def consume(self, context):
        text = context["message"]["text"]
        print(f"RECEIVE rabbitmq://localhost/{ENDPOINT} {context['messageId']} {text}", flush=True)
        print(f" [x] Received {text}", flush=True)
        time.sleep(text.count("."))
        print(f" [x] Done {text}", flush=True)


class Endpoint:
    def __init__(self, consumer, prefetch):
        self.consumer = consumer
        self.connection = connect()
        self.channel = self.connection.channel()
        configure(self.channel)
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.basic_consume(ENDPOINT, self.on_message)

    def on_message(self, channel, method, properties, body):
        context = json.loads(body)
        if URN not in context["messageType"]:
            self.move("skipped", properties, body)
        else:
            try:
                self.consumer.consume(context)
            except Exception as error:
                traceback.print_exc()
                self.move("error", properties, body, str(error))
        channel.basic_ack(method.delivery_tag)

    def move(self, suffix, properties, body, reason=""):
        """Nothing is ever thrown away: it goes to ENDPOINT_skipped or ENDPOINT_error."""
        name = f"{ENDPOINT}_{suffix}"
        self.channel.queue_declare(name, durable=True)
        properties.headers = {**(properties.headers or {}), "MT-Fault-Message": reason}
        self.channel.basic_publish("", name, body, properties)

    def run(self):
        print(f"Bus started: rabbitmq://localhost/{ENDPOINT}", flush=True)
        try:
            self.channel.start_consuming()
        except KeyboardInterrupt:
            print("Bus stopped", flush=True)
            os._exit(0)
