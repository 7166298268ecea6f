import json
import random
import sys
import time
import uuid
from datetime import datetime

import pika

NAME = "work_queues_1"


def declare(channel):
    channel.queue_declare(NAME, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": NAME + ".XQ"})
    channel.queue_declare(NAME + ".DQ", durable=True)
    channel.queue_declare(NAME + ".XQ", durable=True, arguments={"x-message-ttl": 7 * 24 * 3600 * 1000})


connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
declare(channel)
channel.confirm_delivery()
for number in range(1, (int(sys.argv[1]) if len(sys.argv) > 1 else 30) + 1):
    text = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} " + random.randint(1, 10) * "."
    message = {
        "queue_name": NAME,
        "actor_name": "work",
        "args": [text],
        "kwargs": {},
        "options": {},
        "message_id": str(uuid.uuid4()),
        "message_timestamp": int(time.time() * 1000),
    }
    channel.basic_publish("", NAME, json.dumps(message, separators=(",", ":")),
                          pika.BasicProperties(priority=0))
    print("enqueued", message["message_id"])
connection.close()
