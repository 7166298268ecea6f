import pika, time

conexao = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
canal = conexao.channel()
canal.queue_declare(queue='work_queues_1')

def callback(ch, method, properties, body):
    print(" [x] Received %r." % body)
    for ponto in body.decode():
        if ponto == '.':
            time.sleep(1)
    print(" [x] Done")

canal.basic_consume(queue='work_queues_1', auto_ack=True, on_message_callback=callback)
print(' [*] Waiting for messages. To exit press CTRL+C')
canal.start_consuming()
