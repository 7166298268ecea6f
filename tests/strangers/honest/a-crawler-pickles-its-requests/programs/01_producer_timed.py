import pickle
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
TOTAL = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)

for i in range(1, TOTAL + 1):
    request = {
        "method": "GET",
        "url": f"https://ssr1/{datetime.now():%Y%m%d%H%M%S%f}/detail/{i:05}",
        "headers": {"User-Agent": "spider"},
        "depth": i % 3,
        "work": "." * random.randint(1, 10),
    }
    channel.basic_publish(exchange="", routing_key=QUEUE, body=pickle.dumps(request))
    print(f"Put request of {request['url']}")

connection.close()
