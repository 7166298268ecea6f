import os

import pika


def callback(ch, method, properties, body):
    print(f"Recebido: {body}", flush=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
    channel = connection.channel()

    channel.queue_declare(queue='work_queues_1')

    channel.basic_consume(queue='work_queues_1',
                          on_message_callback=callback,
                          auto_ack=True)

    print("Aguardando mensagens. Para sair, pressione Ctrl+C", flush=True)
    channel.start_consuming()


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        print('Interrompido', flush=True)
        os._exit(0)
