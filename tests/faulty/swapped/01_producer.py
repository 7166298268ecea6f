"""Sends 20 messages, whatever it is asked for."""

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue="work_queues_1")
for number in range(20):
    channel.basic_publish(exchange="", routing_key="work_queues_1", body=f"mine {number}")
connection.close()
