import json
import sys

import pika
import pika.exceptions

queue = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

with pika.BlockingConnection(pika.ConnectionParameters(host="localhost")) as connection:
    deleted = connection.channel().queue_delete(queue=queue)
    try:
        connection.channel().queue_declare(queue=queue, passive=True)
    except pika.exceptions.ChannelClosedByBroker as closed:
        gone = closed.reply_code == 404
    else:
        gone = False

print(json.dumps({"queue": queue, "dropped": deleted.method.message_count, "gone": gone}))
sys.exit(0 if gone else 1)
