"""Envia mensagens por região; o que ainda não tem fila própria vai para a fila geral."""
import itertools
import sys
from datetime import datetime

import pika

FILA_GERAL = "work_queues_1"
REGIOES = itertools.cycle(["norte", "nordeste", "centro-oeste", "sudeste", "sul"])

quantas = int(sys.argv[1]) if len(sys.argv) > 1 else 30

conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
canal = conexao.channel()
canal.queue_declare(queue=FILA_GERAL)
canal.exchange_declare("mensagens.sem-regiao", exchange_type="fanout")
canal.queue_bind(queue=FILA_GERAL, exchange="mensagens.sem-regiao")
canal.exchange_declare(
    "mensagens.por-regiao",
    exchange_type="direct",
    arguments={"alternate-exchange": "mensagens.sem-regiao"},
)

for i in range(1, quantas + 1):
    corpo = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
    canal.basic_publish("mensagens.por-regiao", next(REGIOES), corpo, mandatory=True)
    print(f" [x] Sent {corpo!r}")

conexao.close()
