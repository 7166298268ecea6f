"""Recibe tareas y trabaja un segundo por punto."""
import os
import time

import pika


def al_recibir(canal, metodo, propiedades, cuerpo):
    print(f" [x] Received {cuerpo!r}")
    time.sleep(cuerpo.count(b"."))
    print(" [x] Done")


def main():
    conexion = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    canal = conexion.channel()
    canal.exchange_declare(exchange="tareas", exchange_type="fanout")
    resultado = canal.queue_declare(queue="", exclusive=True)
    cola = resultado.method.queue
    canal.queue_bind(exchange="tareas", queue=cola)
    canal.basic_consume(queue=cola, on_message_callback=al_recibir, auto_ack=True)
    print(" [*] Esperando tareas. Para salir, CTRL+C")
    canal.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
