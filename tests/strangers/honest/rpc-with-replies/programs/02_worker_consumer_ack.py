"""RPC server: work, answer to whoever asked, acknowledge."""

import time

import pika

QUEUE = "work_queues_1"


def on_request(ch, method, props, body):
    print(f" [x] Received {body!r}", flush=True)
    seconds = body.count(b".")
    time.sleep(seconds)
    if props.reply_to:
        ch.basic_publish(
            exchange="",
            routing_key=props.reply_to,
            properties=pika.BasicProperties(correlation_id=props.correlation_id),
            body=f"took {seconds} s",
        )
    print(" [x] Done", flush=True)
    ch.basic_ack(delivery_tag=method.delivery_tag)


connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE)
channel.basic_consume(queue=QUEUE, on_message_callback=on_request)

print(" [x] Awaiting RPC requests", flush=True)
channel.start_consuming()
