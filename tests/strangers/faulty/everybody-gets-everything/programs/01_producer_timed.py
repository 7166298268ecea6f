"""Emite tareas al exchange (cada punto es un segundo de trabajo)."""
import random
import sys
from datetime import datetime

import pika

cuantas = int(sys.argv[1]) if len(sys.argv) > 1 else 30

conexion = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
canal = conexion.channel()
canal.exchange_declare(exchange="tareas", exchange_type="fanout")

for numero in range(1, cuantas + 1):
    cuerpo = f"{datetime.now():%Y-%m-%d %H:%M:%S.%f} {numero:6} {'.' * random.randint(1, 10)}"
    canal.basic_publish(exchange="tareas", routing_key="", body=cuerpo)
    print(f" [x] Sent {cuerpo!r}")

conexion.close()
