import random
import sys
from datetime import datetime

import pika
from priority_queue import HIGHEST, QUEUE, open_channel

URGENCY = {"password reset": HIGHEST, "invoice": 3, "newsletter": 1, "statistics": None}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection, channel = open_channel()
    for number in range(1, count + 1):
        kind, priority = random.choice(list(URGENCY.items()))
        dots = "." * random.randint(1, 10)
        body = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6} {kind} {dots}"
        properties = pika.BasicProperties(delivery_mode=2, priority=priority)
        channel.basic_publish("", QUEUE, body, properties)
        print(f" [x] Sent {body!r}")
    connection.close()


if __name__ == "__main__":
    main()
