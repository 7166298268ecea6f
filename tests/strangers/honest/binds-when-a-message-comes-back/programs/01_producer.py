import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
EXCHANGE = "tasks"

count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.confirm_delivery()
channel.exchange_declare(exchange=EXCHANGE, exchange_type="direct")


def send(body):
    try:
        channel.basic_publish(exchange=EXCHANGE, routing_key="work", body=body, mandatory=True)
    except pika.exceptions.UnroutableError as error:
        returned = error.messages[0].method
        print(f" [!] {returned.reply_code} {returned.reply_text}: we lay the way to the queue first")
        channel.queue_declare(queue=QUEUE)
        channel.queue_bind(queue=QUEUE, exchange=EXCHANGE, routing_key="work")
        channel.basic_publish(exchange=EXCHANGE, routing_key="work", body=body, mandatory=True)
    print(f" [x] Sent {body!r}")


for i in range(1, count + 1):
    send(f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}")

connection.close()
