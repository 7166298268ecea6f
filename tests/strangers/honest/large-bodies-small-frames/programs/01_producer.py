"""Send greetings with a picture in the attachment. The network people want small frames."""

import sys
from datetime import datetime

import pika

QUEUE = "work_queues_1"
PICTURE = b"\x89PNG" + bytes(range(256)) * 400


def parameters():
    return pika.ConnectionParameters(
        host="localhost",
        credentials=pika.PlainCredentials("guest", "guest"),
        heartbeat=0,
        frame_max=8192,
        blocked_connection_timeout=60,
        client_properties={"connection_name": "picture sender", "product": "greetings 3"},
    )


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(parameters())
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    for number in range(1, count + 1):
        text = f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}\r\n\r\n"
        body = text.encode("ascii") + PICTURE
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(content_type="application/octet-stream"),
        )
        print(f"no. {number}: {len(body) / 1000:.1f} kB")
    connection.close()


if __name__ == "__main__":
    main()
