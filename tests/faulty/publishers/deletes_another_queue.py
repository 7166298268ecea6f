"""Deletes another queue than the one that it was told to delete."""

import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("localhost")).channel()
channel.queue_delete("work_queues_2")
channel.connection.close()
