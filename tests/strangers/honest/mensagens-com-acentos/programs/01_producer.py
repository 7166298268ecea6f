import sys
from datetime import datetime

import pika

quantidade = int(sys.argv[1]) if len(sys.argv) > 1 else 30

conexao = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
canal = conexao.channel()

canal.queue_declare(queue='work_queues_1')

for i in range(quantidade):
    agora = datetime.now()
    mensagem = f'Olá, esta é a mensagem nº {i + 1}, de {agora:%d/%m/%Y} às {agora:%H:%M:%S.%f}'
    canal.basic_publish(exchange='',
                        routing_key='work_queues_1',
                        body=mensagem.encode('utf-8'))
    print(f'Mensagem enviada: {mensagem}')

conexao.close()
