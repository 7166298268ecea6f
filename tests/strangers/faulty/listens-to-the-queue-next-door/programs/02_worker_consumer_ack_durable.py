"""Worker da segunda parte: fila durável."""
import os
import time

import pika

# nomes das filas da aula
FILA_SIMPLES = "work_queues"
FILA_DURAVEL = "work_queues_durable"


def callback(ch, method, properties, body):
    print(f" [x] Received {body!r}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=FILA_SIMPLES)
    channel.queue_declare(queue=FILA_DURAVEL, durable=True)
    channel.basic_consume(queue=FILA_SIMPLES, on_message_callback=callback, auto_ack=False)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
