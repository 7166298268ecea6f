"""Apaga uma fila, se existir e ninguém a estiver a usar."""

import argparse
import sys

import pika

URL = "amqp://guest:guest@localhost:5672/%2F"


def mensagens(conexao, fila):
    """Quantas mensagens há na fila; None se não houver fila."""
    canal = conexao.channel()
    try:
        return canal.queue_declare(queue=fila, passive=True).method.message_count
    except pika.exceptions.ChannelClosedByBroker as erro:
        if erro.reply_code == 404:
            return None
        raise


def main():
    argumentos = argparse.ArgumentParser(description=__doc__)
    argumentos.add_argument("fila", nargs="?", default="work_queues_durable")
    argumentos.add_argument("--force", action="store_true", help="mesmo com consumidores")
    opcoes = argumentos.parse_args()

    conexao = pika.BlockingConnection(pika.URLParameters(URL))
    try:
        quantas = mensagens(conexao, opcoes.fila)
        if quantas is None:
            print(f"A fila {opcoes.fila} não existe: nada a fazer.")
            return 0
        conexao.channel().queue_delete(queue=opcoes.fila, if_unused=not opcoes.force)
        print(f"Fila {opcoes.fila} apagada; havia {quantas} mensagens.")
        return 0
    except pika.exceptions.ChannelClosedByBroker as erro:
        print(f"Recusado: {erro.reply_text}", file=sys.stderr)
        return 1
    finally:
        conexao.close()


if __name__ == "__main__":
    sys.exit(main())
