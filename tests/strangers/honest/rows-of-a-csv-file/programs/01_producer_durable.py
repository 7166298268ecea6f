import argparse
import csv
import json
import random
import tempfile
from datetime import datetime

import pika

parser = argparse.ArgumentParser(description="Reads a CSV file and sends it to RabbitMQ")
parser.add_argument("rows", nargs="?", type=int, default=30, help="how many rows to make up")
parser.add_argument("queue_name", nargs="?", default="work_queues_durable")
parser.add_argument("--queue_ip", default="localhost")


class CsvReader:
    """Reads a CSV file, serialises it and publishes it to the given queue."""

    def __init__(self, csvfile, queue_name, queue_ip):
        self.queue_name = queue_name
        self.queue_ip = queue_ip
        self.rows = list(csv.reader(csvfile))

    def send(self):
        connection = pika.BlockingConnection(pika.ConnectionParameters(self.queue_ip))
        channel = connection.channel()
        channel.queue_declare(queue=self.queue_name, durable=True)
        for row in self.rows:
            channel.basic_publish(
                exchange="",
                routing_key=self.queue_name,
                body=json.dumps(row),
                properties=pika.BasicProperties(delivery_mode=2),
            )
        connection.close()


def make_up(csvfile, rows):
    writer = csv.writer(csvfile)
    for number in range(1, rows + 1):
        writer.writerow([datetime.now(), number, "." * random.randint(1, 10)])
    csvfile.seek(0)


if __name__ == "__main__":
    args = parser.parse_args()
    with tempfile.TemporaryFile("w+", newline="") as csvfile:
        make_up(csvfile, args.rows)
        reader = CsvReader(csvfile, args.queue_name, args.queue_ip)
    reader.send()
    print(f"{len(reader.rows)} rows sent")
