"""Faz uma tarefa de cada vez (prefetch 1); cada ponto vale um segundo."""
import os
import time

import pika

FILA = "work_queues_durable"


def ao_receber(canal, metodo, propriedades, corpo):
    texto = corpo.decode("utf-8")
    print(f" [x] Received {corpo!r}")
    segundos = texto.count(".")
    if not segundos:
        print(" [x] Done")
        return
    time.sleep(segundos)
    print(" [x] Done")
    canal.basic_ack(delivery_tag=metodo.delivery_tag)


def main():
    conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=FILA, durable=True)
    canal.basic_qos(prefetch_count=1)
    canal.basic_consume(queue=FILA, on_message_callback=ao_receber)
    print(" [*] Aguardando mensagens. Para sair, CTRL+C")
    canal.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
