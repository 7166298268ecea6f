import multiprocessing
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def send(count, report):
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.confirm_delivery()
    for i in range(1, count + 1):
        body = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {i:6}"
        channel.basic_publish(exchange="", routing_key=QUEUE, body=body)
        report.send(body)
    connection.close()
    report.close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    context = multiprocessing.get_context("spawn")
    reports, report = context.Pipe(duplex=False)
    child = context.Process(target=send, args=(count, report), name="sender")
    child.start()
    report.close()
    try:
        while True:
            print(f" [x] Sent {reports.recv()!r}")
    except EOFError:
        pass
    child.join()
    sys.exit(child.exitcode)


if __name__ == "__main__":
    main()
