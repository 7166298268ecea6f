import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
for queue in ("work_queues_1", "work_queues", "work_queues_durable"):
    answer = channel.queue_delete(queue)
    print(f"{queue:20} apagada, {answer.method.message_count} mensagens")
connection.close()
