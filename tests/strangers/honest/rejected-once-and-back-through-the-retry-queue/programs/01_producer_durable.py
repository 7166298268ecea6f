import random
import sys
from datetime import datetime

import maxretry
import pika

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
maxretry.declare_all(channel)
for number in range(1, count + 1):
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S %f} {number} {'.' * random.randint(1, 10)}"
    channel.basic_publish(
        "",
        maxretry.QUEUE,
        body,
        pika.BasicProperties(delivery_mode=2, headers={"number": number}),
    )
    print(f" [x] Sent {body!r}")
connection.close()
