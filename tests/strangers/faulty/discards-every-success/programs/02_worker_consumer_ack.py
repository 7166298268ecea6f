"""Trabalhador da fila, com a mensagem embrulhada numa classe."""

import os
import time

import pika

FILA = "work_queues_1"


class Mensagem:
    """Uma entrega do RabbitMQ, sem os detalhes do pika."""

    def __init__(self, canal, entrega, corpo):
        self._canal = canal
        self._tag = entrega.delivery_tag
        self.corpo = corpo

    def ack(self):
        self._finaliza(requeue=False)

    def devolve(self):
        self._finaliza(requeue=True)

    def _finaliza(self, requeue):
        self._canal.basic_nack(delivery_tag=self._tag, multiple=False, requeue=requeue)


def executa(mensagem):
    print(f" [x] Recebida {mensagem.corpo!r}", flush=True)
    time.sleep(mensagem.corpo.count(b"."))
    print(" [x] Pronto", flush=True)


def ao_receber(canal, entrega, propriedades, corpo):
    mensagem = Mensagem(canal, entrega, corpo)
    try:
        executa(mensagem)
    except Exception:
        mensagem.devolve()
    else:
        mensagem.ack()


def main():
    conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=FILA)
    canal.basic_consume(queue=FILA, on_message_callback=ao_receber, auto_ack=False)
    print(" [*] Aguardando mensagens. Para sair, CTRL+C", flush=True)
    canal.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrompido", flush=True)
        os._exit(0)
