import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"

sys.stdout.reconfigure(encoding="utf-8")
quantas = int(sys.argv[1]) if len(sys.argv) > 1 else 30

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)

for numero in range(1, quantas + 1):
    agora = datetime.now()
    tarefa = f"{agora:%Y-%m-%d %H:%M:%S.%f} – ação nº {numero:3}… " + "." * random.randint(1, 10)
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=tarefa.encode("cp1252"),
        properties=pika.BasicProperties(content_type="text/plain; charset=windows-1252"),
    )
    print(f" [x] Sent {tarefa!r}")

connection.close()
