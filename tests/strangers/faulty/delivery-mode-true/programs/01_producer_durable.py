"""Envia tarefas persistentes para uma fila durável."""

import random
import sys
from datetime import datetime

import pika

FILA = "work_queues_durable"
DURAVEL = True
PERSISTENTE = True


def conecta():
    conexao = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=FILA, durable=DURAVEL)
    return conexao, canal


def nova_tarefa(numero):
    agora = datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    pontos = "." * random.randint(1, 10)
    return f"{agora} {numero:6} {pontos}"


def main():
    quantas = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    conexao, canal = conecta()
    # as tarefas têm que sobreviver quando o servidor cai
    propriedades = pika.BasicProperties(
        content_type="text/plain",
        delivery_mode=PERSISTENTE,
    )
    for numero in range(1, quantas + 1):
        tarefa = nova_tarefa(numero)
        canal.basic_publish(
            exchange="", routing_key=FILA, body=tarefa, properties=propriedades
        )
        print(f" [x] Enviada {tarefa!r}")
    conexao.close()


if __name__ == "__main__":
    main()
