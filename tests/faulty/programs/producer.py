"""Sends as many short tasks as the argument says."""

import sys

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue="faulty")
for number in range(int(sys.argv[1])):
    channel.basic_publish(exchange="", routing_key="faulty", body=f"task {number} .")
connection.close()
