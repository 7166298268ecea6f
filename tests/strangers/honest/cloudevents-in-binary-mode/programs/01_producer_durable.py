import json
import random
import sys
import uuid
from datetime import datetime, timezone

import pika

QUEUE = "work_queues_durable"


class CloudEvent:
    """Attributes and data; in binary mode the attributes travel as headers, the data as the body."""

    def __init__(self, type, source, data, **extensions):
        self.data = data
        self.attributes = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "type": type,
            "source": source,
            "time": datetime.now(timezone.utc).isoformat(),
            **extensions,
        }

    def to_binary(self):
        headers = {f"cloudEvents:{name}": value for name, value in self.attributes.items()}
        body = json.dumps(self.data, separators=(",", ":")).encode()
        return headers, body


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE, durable=True)
    for number in range(1, count + 1):
        event = CloudEvent(
            type="org.example.lesson.task.created",
            source=f"/lesson/producer/{uuid.getnode():x}",
            subject=f"task-{number}",
            sequence=f"{number:08}",
            data={
                "number": number,
                "at": f"{datetime.now():%Y-%m-%dT%H:%M:%S,%f}",
                "effort": "." * random.randint(1, 10),
            },
        )
        headers, body = event.to_binary()
        channel.basic_publish(
            exchange="",
            routing_key=QUEUE,
            body=body,
            properties=pika.BasicProperties(
                content_type="application/json",
                delivery_mode=pika.DeliveryMode.Persistent.value,
                message_id=event.attributes["id"],
                headers=headers,
            ),
        )
        print(f"{event.attributes['type']} {event.attributes['subject']} emitted")
    connection.close()


if __name__ == "__main__":
    main()
