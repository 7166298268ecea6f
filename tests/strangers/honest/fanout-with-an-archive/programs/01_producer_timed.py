"""Send orders; a copy of each goes to the archive (read once a month by the accountants)."""

import random
import sys
from datetime import datetime

from topology import EXCHANGE, open_channel

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection, channel = open_channel()
for number in range(1, count + 1):
    body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {'.' * random.randint(1, 10)}"
    channel.basic_publish(exchange=EXCHANGE, routing_key="", body=body)
    print(f" [x] Sent {body!r}")
connection.close()
