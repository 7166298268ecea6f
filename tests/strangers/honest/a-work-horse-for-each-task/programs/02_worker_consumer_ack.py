import ctypes
import os
import signal
import sys
import time

import pika

QUEUE = "work_queues_1"
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)
horse = None


def work_horse(parent, body):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    time.sleep(body.count(b"."))
    os._exit(0)


def callback(ch, method, properties, body):
    global horse
    print(f" [x] Received {body}", flush=True)
    sys.stderr.flush()
    me = os.getpid()
    horse = os.fork()
    if horse == 0:
        work_horse(me, body)
    while True:
        pid, status = os.waitpid(horse, os.WNOHANG)
        if pid:
            break
        ch.connection.process_data_events(time_limit=0.005)
    horse = None
    if os.waitstatus_to_exitcode(status) == 0:
        print(" [x] Done", flush=True)
        ch.basic_ack(delivery_tag=method.delivery_tag)
    else:
        print(f" [!] The work horse was terminated unexpectedly ({status})", flush=True)
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=True)


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=callback)
    print(" [*] Waiting for messages. To exit press CTRL+C", flush=True)
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        if horse:
            os.kill(horse, signal.SIGKILL)
        print("Interrupted", flush=True)
        os._exit(0)
