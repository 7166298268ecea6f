"""Apaga a fila com segurança."""
import sys

import pika
from pika.exceptions import ChannelClosedByBroker

fila = sys.argv[1] if len(sys.argv) > 1 else "work_queues_durable"

conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
canal = conexao.channel()
try:
    canal.queue_delete(queue=fila, if_unused=True)
except ChannelClosedByBroker:
    # o servidor fecha o canal quando a fila não existe mais: tudo bem
    pass
print(f" [x] Deleted {fila!r}")

if conexao.is_open:
    conexao.close()
