"""while (true) { $msg = $channel->basic_get($queue); … } in Python."""
import os
import time

import pika

QUEUE = "work_queues_durable"
PAUSE_S = 0.02


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    while True:
        method, properties, body = channel.basic_get(queue=QUEUE, auto_ack=False)
        if method is None:
            connection.process_data_events(time_limit=PAUSE_S)
            continue
        print(f" [x] Received {body!r}")
        time.sleep(body.count(b"."))
        print(" [x] Done")
        channel.basic_ack(delivery_tag=method.delivery_tag)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
