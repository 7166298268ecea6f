import random
import sys
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid

import pika

QUEUE = "work_queues_1"


def letter(number):
    message = EmailMessage()
    message["From"] = "library@city.example.org"
    message["To"] = f"reader{number}@mail.example.com"
    message["Subject"] = f"Reminder no {number}"
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain="city.example.org")
    message.set_content(f"Dear reader\nplease bring back your books {'.' * random.randint(1, 10)}\n")
    return message


count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=False)
for number in range(1, count + 1):
    message = letter(number)
    channel.basic_publish(
        exchange="",
        routing_key=QUEUE,
        body=message.as_bytes(policy=SMTP),
        properties=pika.BasicProperties(
            content_type="message/rfc822", message_id=str(message["Message-ID"])
        ),
    )
    print(f"queued for {message['To']}")
connection.close()
