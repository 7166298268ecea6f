import pika

QUEUE = "work_queues_durable"
HIGHEST = 5


def open_channel():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True, arguments={"x-max-priority": HIGHEST})
    return connection, channel
