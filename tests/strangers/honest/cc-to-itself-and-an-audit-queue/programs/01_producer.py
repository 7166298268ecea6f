"""Send messages, with copies to two audit queues by the headers CC and BCC."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
AUDITS = ["work_audit_open", "work_audit_blind"]

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
for queue in [QUEUE, *AUDITS]:
    channel.queue_declare(queue=queue)
properties = pika.BasicProperties(headers={"CC": [QUEUE, AUDITS[0]], "BCC": [AUDITS[1]]})

for number in range(1, count + 1):
    now = datetime.now()
    body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish(exchange="", routing_key=QUEUE, body=body, properties=properties)
    print(f" [x] Sent {body!r}")

connection.close()
