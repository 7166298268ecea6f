import os
import time

import pika

QUEUE = "work_queues_1"
LATER = "work_queues_1.later"


class Busy(Exception):
    pass


class Job:
    def __init__(self, channel, method, properties, body):
        self.channel = channel
        self.method = method
        self.body = body
        self.attempts = (properties.headers or {}).get("attempts", 0) + 1
        self.number = int(body.split()[2])

    def fire(self):
        if self.attempts == 1 and self.number % 6 == 0:
            raise Busy
        time.sleep(self.body.count(b"."))

    def delete(self):
        self.channel.basic_ack(self.method.delivery_tag)

    def release(self, delay=0):
        if delay:
            self.channel.basic_publish(
                "", LATER, self.body, pika.BasicProperties(headers={"attempts": self.attempts})
            )
            self.delete()
        else:
            self.channel.basic_reject(self.method.delivery_tag, requeue=False)


def on_message(channel, method, properties, body):
    job = Job(channel, method, properties, body)
    print(f" [x] Received {body!r}")
    try:
        job.fire()
    except Busy:
        job.release()
        print(" [!] Busy, released for another attempt")
    else:
        print(" [x] Done")
        job.delete()


def main():
    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    channel.queue_declare(queue=QUEUE)
    channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
    print(" [*] Waiting for messages. To exit press CTRL+C")
    channel.start_consuming()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("Interrupted", flush=True)
        os._exit(0)
