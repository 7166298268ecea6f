import sys

import pika

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
purged = channel.queue_purge(queue=queue)
print(f" [x] Deleted {queue!r}, {purged.method.message_count} messages dropped")
connection.close()
