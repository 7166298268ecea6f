import os
import sys
import time

import pika

QUEUE = "work_queues_1"

def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
    time.sleep(body.count(b"."))
    print(" [x] Done")
    ch.basic_ack(delivery_tag=method.delivery_tag)


def self_test(connection):
    ping = b"ping of %d ..." % os.getpid()
    with connection.channel() as channel:
        probe = channel.queue_declare(queue="", exclusive=True).method.queue
        channel.confirm_delivery()
        channel.basic_publish(exchange="", routing_key=probe, body=ping, mandatory=True)
        method, _, pong = channel.basic_get(queue=probe)
        if method is None or pong != ping:
            sys.exit("the broker does not answer as it should")
        channel.basic_ack(delivery_tag=method.delivery_tag)
        channel.queue_delete(queue=probe)
    print(" [*] Self-test passed")


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    self_test(connection)
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted")
        sys.stdout.flush()
        os._exit(0)
