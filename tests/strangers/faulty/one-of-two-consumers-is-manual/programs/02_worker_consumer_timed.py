"""Worker com duas inscrições na mesma fila, com nomes próprios para o painel."""
import os
import socket
import time

import pika

QUEUE = "work_queues_1"


def trabalhar(canal, metodo, propriedades, corpo):
    print(f" [x] Received {corpo!r}")
    time.sleep(corpo.count(b"."))
    print(" [x] Done")


def main():
    nome = f"{socket.gethostname()}.{os.getpid()}"
    conexao = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    canal = conexao.channel()
    canal.queue_declare(queue=QUEUE)
    canal.basic_consume(
        queue=QUEUE,
        on_message_callback=trabalhar,
        consumer_tag=f"{nome}.a",
        auto_ack=True,
    )
    canal.basic_consume(
        queue=QUEUE,
        on_message_callback=trabalhar,
        consumer_tag=f"{nome}.b",
    )
    print(" [*] Waiting for messages. To exit press CTRL+C")
    canal.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
