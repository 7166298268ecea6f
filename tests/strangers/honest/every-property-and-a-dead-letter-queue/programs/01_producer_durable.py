"""Send jobs as JSON, with all that the colleagues' dashboards want to know about them."""

import json
import random
import sys
import time
import uuid

import pika

from jobs import QUEUE, connect

DAY = 24 * 60 * 60 * 1000

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
batch = str(uuid.uuid4())

connection, channel = connect()
for number in range(1, count + 1):
    body = json.dumps({"number": number, "work": "." * random.randint(1, 10)})
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=body,
        properties=pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            headers={"batch": batch, "attempt": 1, "urgent": False, "tags": ["night", "test"]},
            delivery_mode=2,
            priority=5,
            correlation_id=batch,
            expiration=str(DAY),
            message_id=str(uuid.uuid4()),
            timestamp=int(time.time()),
            type="job.created",
            app_id="job-sender/2.1",
        ),
    )
    print(f" [x] Sent {body!r}")
connection.close()
