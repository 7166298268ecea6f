"""Send messages to sharded keys; what fits no shard is parked and not lost."""
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
SHARDS = 3
PARKED = "work_parked"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.queue_declare(queue=PARKED)
channel.exchange_declare(exchange="work_unrouted", exchange_type="fanout")
channel.queue_bind(queue=PARKED, exchange="work_unrouted")
channel.exchange_declare(
    exchange="work_shards",
    exchange_type="direct",
    arguments={"alternate-exchange": "work_unrouted"},
)
for shard in range(1, SHARDS):
    channel.queue_bind(queue=QUEUE, exchange="work_shards", routing_key=f"shard{shard}")

for number in range(1, count + 1):
    now = datetime.now()
    body = f"Hello RabbitMQ {now:%Y-%m-%d %H:%M:%S.%f} {number:6}"
    channel.basic_publish(
        exchange="work_shards", routing_key=f"shard{number % SHARDS}", body=body
    )
    print(f" [x] Sent {body!r}")

connection.close()
