import random
import sys
import uuid
from datetime import datetime

import bus

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = bus.connect()
channel = connection.channel()
bus.configure(channel)
conversation = str(uuid.uuid4())
for number in range(1, count + 1):
    text = f"{datetime.now():%Y-%m-%d %H:%M:%S %f} {number:6} " + "." * random.randint(1, 10)
    bus.publish(channel, {"number": number, "text": text}, conversation)
    print(f"SEND rabbitmq://localhost/{bus.CONTRACT} number {number}")
connection.close()
