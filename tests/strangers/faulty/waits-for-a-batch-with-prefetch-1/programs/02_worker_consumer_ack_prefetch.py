"""Trabalhador em lotes: grava cinco tarefas de uma vez no banco, é mais rápido."""

import os
import time

import pika

FILA = "work_queues_durable"
LOTE = 5

lote = []


def processa(corpo):
    print(f" [x] Recebida {corpo!r}", flush=True)
    time.sleep(corpo.count(b"."))
    print(" [x] Concluída", flush=True)


def ao_receber(canal, metodo, propriedades, corpo):
    lote.append((metodo.delivery_tag, corpo))
    if len(lote) < LOTE:
        return

    for _, corpo in lote:
        processa(corpo)

    # confirma o lote inteiro com um único ack
    ultima, _ = lote[-1]
    canal.basic_ack(delivery_tag=ultima, multiple=True)
    lote.clear()


def main():
    conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=FILA, durable=True)
    canal.basic_qos(prefetch_count=1)
    canal.basic_consume(queue=FILA, on_message_callback=ao_receber, auto_ack=False)
    print(" [*] Aguardando mensagens. Para sair pressione CTRL+C", flush=True)
    canal.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrompido", flush=True)
        os._exit(0)
