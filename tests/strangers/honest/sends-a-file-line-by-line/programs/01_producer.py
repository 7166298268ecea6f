#!/usr/bin/env python
import argparse
import sys
import tempfile
import time
from datetime import datetime

import pika


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("lines", type=int, nargs="?", default=30)
    parser.add_argument("--queue_name", type=str, default="work_queues_1")
    return parser.parse_args()


def dataset(lines):
    f = tempfile.TemporaryFile("w+")
    f.write("id,time,app,category,rating\n")
    for number in range(1, lines + 1):
        f.write(f"{number},{datetime.now():%Y-%m-%d %H:%M:%S.%f},Hello RabbitMQ,TOOLS,{number % 5}\n")
    f.seek(0)
    return f


def run(args):
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=args.queue_name)

    f = dataset(args.lines)
    f.readline()
    for line in f:
        print("Send a line")
        print("-----------------------")
        channel.basic_publish(exchange="", routing_key=args.queue_name, body=line)
        time.sleep(1)

    connection.close()


if __name__ == "__main__":
    sys.exit(run(parse_arguments()))
