# -*- coding: utf-8 -*-
# Produtor com teste no final: confere se as mensagens chegaram mesmo na fila
import sys
from datetime import datetime

import pika

FILA = "work_queues_1"

total = int(sys.argv[1]) if len(sys.argv) > 1 else 30

conexao = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
canal = conexao.channel()
canal.queue_declare(queue=FILA)

enviadas = []
for i in range(1, total + 1):
    corpo = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
    canal.basic_publish(exchange="", routing_key=FILA, body=corpo)
    enviadas.append(corpo)
    print(f" [x] Sent {corpo!r}")

# teste de fumaça: a primeira da fila tem que ser a primeira que mandei
metodo, propriedades, corpo = canal.basic_get(queue=FILA, auto_ack=True)
if metodo is None or corpo.decode() != enviadas[0]:
    print("ERRO: a fila não recebeu as mensagens", file=sys.stderr)
    sys.exit(1)
print("OK, a fila recebeu as mensagens")

conexao.close()
