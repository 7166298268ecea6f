import base64
import json
import random
import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"


def picture(number):
    pixels = "#" * random.randint(5, 40) + "." * random.randint(1, 10)
    return {
        "file_name": f"{datetime.now():%Y%m%d%H%M%S%f}_{number:06}.png",
        "file_content": base64.b64encode(pixels.encode()).decode("ascii"),
    }


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters(host="localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        channel.basic_publish(exchange="", routing_key=QUEUE, body=json.dumps(picture(number)))
    connection.close()


if __name__ == "__main__":
    main()
