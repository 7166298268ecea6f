import importlib
import os
import time

import pika


def start_consuming(out, style):
    settings = importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])

    def callback(ch, method, properties, body):
        out.write(style.SUCCESS(f"Received {body!r}"))
        time.sleep(body.count(b"."))
        out.write(style.SUCCESS("Done"))
        ch.basic_ack(delivery_tag=method.delivery_tag)

    connection = pika.BlockingConnection(pika.ConnectionParameters(settings.RABBITMQ_HOST))
    channel = connection.channel()
    channel.queue_declare(queue=settings.RABBITMQ_QUEUE, durable=True)
    channel.basic_consume(queue=settings.RABBITMQ_QUEUE, on_message_callback=callback)
    channel.start_consuming()
