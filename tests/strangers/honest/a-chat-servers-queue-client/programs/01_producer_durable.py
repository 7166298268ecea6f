import random
import sys
from datetime import datetime

from chat_queue import get_queue_client

QUEUE = "work_queues_durable"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

for number in range(1, count + 1):
    event = {
        "type": "missedmessage_email",
        "id": number,
        "time": f"{datetime.now():%Y-%m-%d %H:%M:%S.%f}",
        "work": "." * random.randint(1, 10),
    }
    get_queue_client().json_publish(QUEUE, event)
print(f"{count} events queued")
