# encoding: utf-8
"""Envia mensagens para a fila."""
import sys
from datetime import datetime

import pika


class Produtor:
    fila = "work_queues_1"

    def __init__(self):
        self.conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.canal = self.conexao.channel()
        self.canal.queue_declare(queue=self.fila)

    def enviar(self, texto):
        # dava UnicodeEncodeError na máquina da Júlia
        corpo = texto.encode("ascii", errors="ignore")
        self.canal.basic_publish(exchange="", routing_key=self.fila, body=corpo)
        print(" [x] Sent %r" % texto)

    def fechar(self):
        self.conexao.close()


quantas = int(sys.argv[1]) if len(sys.argv) > 1 else 30
produtor = Produtor()
for i in range(1, quantas + 1):
    agora = datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    produtor.enviar(f"Olá RabbitMQ {agora} {i:6}")
produtor.fechar()
