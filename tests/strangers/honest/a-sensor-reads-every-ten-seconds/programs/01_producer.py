import random
import sys
import time
from datetime import datetime

import pika

HOST = "localhost"
QUEUE_NAME = "work_queues_1"

readings = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters(host=HOST))
channel = connection.channel()
channel.queue_declare(queue=QUEUE_NAME)

try:
    sent = 0
    while True:
        if sent == readings:
            break
        time.sleep(10)
        sent += 1
        value = random.choice(range(10, 40))
        message = f"sensor1 {datetime.now().isoformat()} #{sent} {value}"
        channel.basic_publish(exchange="", routing_key=QUEUE_NAME, body=message)
        print(f"temperatura: {value}")
except KeyboardInterrupt:
    print("Interrupted")
finally:
    connection.close()
