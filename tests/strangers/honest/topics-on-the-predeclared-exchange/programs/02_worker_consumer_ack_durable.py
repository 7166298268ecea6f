import sys
import time

import pika

QUEUE = "work_queues_durable"
BINDINGS = [{"exchange": "amq.topic", "queue": QUEUE, "routing_key": "org.example.lesson.#"}]


class Nack(Exception):
    """Give the message back."""


class Drop(Exception):
    """The message is of no use to anybody."""


class HaltConsumer(Exception):
    """Stop consuming, in order."""


class Printer:
    def __call__(self, topic, message_id, text):
        print(f" [x] Received {text}", flush=True)
        time.sleep(text.count("."))
        print(" [x] Done", flush=True)


class Session:
    def __init__(self, consumer):
        self.consumer = consumer
        self.connection = pika.BlockingConnection(
            pika.URLParameters("amqp://guest:guest@localhost:5672/%2F?connection_attempts=3&retry_delay=5")
        )
        self.channel = self.connection.channel()
        self.channel.basic_qos(prefetch_count=10)
        self.channel.queue_declare(queue=QUEUE, durable=True)
        for binding in BINDINGS:
            self.channel.queue_bind(**binding)

    def on_message(self, channel, delivery, properties, body):
        tag = delivery.delivery_tag
        try:
            self.consumer(delivery.routing_key, properties.message_id, body.decode("utf-8"))
            channel.basic_ack(tag)
        except Nack:
            channel.basic_nack(tag, requeue=True)
        except Drop:
            channel.basic_nack(tag, requeue=False)
        except HaltConsumer:
            channel.basic_ack(tag)
            channel.stop_consuming()

    def consume(self):
        self.channel.basic_consume(QUEUE, self.on_message)
        print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
        try:
            self.channel.start_consuming()
        except KeyboardInterrupt:
            print("Interrupted", flush=True)
        finally:
            if self.connection.is_open:
                self.connection.close()


if __name__ == "__main__":
    Session(Printer()).consume()
    sys.exit(0)
