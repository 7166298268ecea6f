import sys

import pika

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.exchange_delete(queue)
print(f" [x] Deleted {queue}")
connection.close()
