import sys
from datetime import datetime

import pika
from syslog5424 import get_logger

QUEUE = "work_queues_1"
log = get_logger("lesson-producer")

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
for number in range(1, count + 1):
    body = f"Hello [again] \"RabbitMQ\" {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
    log.info("Sent %r", body, extra={"msgid": "SENT", "data": {"queue": QUEUE, "n": number}})
connection.close()
