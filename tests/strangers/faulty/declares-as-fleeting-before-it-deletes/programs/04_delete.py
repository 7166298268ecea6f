import sys

import pika

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=queue)
channel.queue_delete(queue=queue)
print(f" [x] Deleted {queue}")
connection.close()
