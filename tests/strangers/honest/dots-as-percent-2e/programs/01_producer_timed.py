import random
import sys
from datetime import datetime
from string import ascii_letters, digits

import pika

QUEUE = "work_queues_1"
AS_THEY_ARE = set(f"{ascii_letters}{digits}-_".encode())


def encode(text):
    """Encode as strictly as some clients do: everything but letters, digits, - and _."""
    return "".join(
        chr(byte) if byte in AS_THEY_ARE else "+" if byte == 0x20 else f"%{byte:02X}"
        for byte in text.encode("utf-8")
    )


def form(fields):
    return "&".join(f"{encode(name)}={encode(str(value))}" for name, value in fields.items())


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
for number in range(1, count + 1):
    body = form(
        {
            "payload[event]": "push",
            "payload[number]": number,
            "payload[received_at]": f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}",
            "payload[work]": "." * random.randint(1, 10),
        }
    )
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=body,
        properties=pika.BasicProperties(
            content_type="application/x-www-form-urlencoded",
            headers={"X-Webhook-Event": "push", "User-Agent": "Webhooks/1.0"},
        ),
    )
    print(f"POST /webhooks/lesson 202 {len(body)}")
connection.close()
