"""Delete a queue: gently if that can be, else with all that is in it."""
import sys

import pika
from pika.exceptions import ChannelClosedByBroker

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
for gently in (True, False):
    channel = connection.channel()
    try:
        deleted = channel.queue_delete(queue=queue, if_unused=gently, if_empty=gently)
    except ChannelClosedByBroker as refused:
        print(f" [!] {refused.reply_code} {refused.reply_text}")
        continue
    print(f" [x] Deleted {queue!r}, {deleted.method.message_count} messages dropped")
    break

connection.close()
