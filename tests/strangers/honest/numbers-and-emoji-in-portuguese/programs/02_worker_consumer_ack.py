"""Trabalhador com confirmação manual, com cores no terminal."""

import os
import sys
import time

import pika

FILA = "work_queues_1"

AMARELO, CIANO, VERDE, NORMAL = "\033[33m", "\033[36m", "\033[1;32m", "\033[0m"


def diga(cor, texto):
    print(f"{cor}{texto}{NORMAL}", flush=True)


def ao_receber(canal, metodo, propriedades, corpo):
    numero = corpo.decode().split()[2]
    segundos = corpo.count(b".")
    diga(AMARELO, f"📥 Tarefa nº {numero} na mesa (uns {segundos} s)")
    time.sleep(segundos / 2)
    diga(CIANO, f"⏳ Tarefa nº {numero}: metade")
    time.sleep(segundos / 2)
    canal.basic_ack(delivery_tag=metodo.delivery_tag)
    diga(VERDE, f"✅ Tarefa nº {numero} concluída")


def principal():
    conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=FILA)
    canal.basic_consume(queue=FILA, on_message_callback=ao_receber)
    diga(NORMAL, "🐇 Aguardando tarefas. Para sair, CTRL+C")
    canal.start_consuming()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        principal()
    except KeyboardInterrupt:
        diga(NORMAL, "Interrompido")
        os._exit(0)
