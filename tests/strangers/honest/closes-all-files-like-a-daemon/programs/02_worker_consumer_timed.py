import os
import resource
import time

import pika

QUEUE = "work_queues_1"


def behave_like_a_daemon():
    try:
        os.setsid()
    except PermissionError:
        pass  # leads a group already
    os.umask(0o027)
    os.chdir("/")
    os.nice(5)
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(3, min(limit, 65536))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def on_message(channel, method, properties, body):
    print(f" [x] Received {body!r}", flush=True)
    time.sleep(body.count(b"."))
    print(" [x] Done", flush=True)


def main():
    behave_like_a_daemon()
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message, auto_ack=True)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)

