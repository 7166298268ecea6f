"""Delete a queue with all that is in it: the one named by the argument, or work_queues_durable."""

import sys

import pika

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
deleted = channel.queue_delete(queue=queue)
print(f" [x] Deleted {queue!r}, {deleted.method.message_count} messages dropped")

connection.close()
