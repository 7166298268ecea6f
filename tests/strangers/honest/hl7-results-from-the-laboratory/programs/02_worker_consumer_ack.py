import os
import time

import hl7
import pika

QUEUE = "work_queues_1"
ANSWERS = "hl7_acknowledgements"


class Interface:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(QUEUE)
        self.channel.queue_declare(ANSWERS, durable=True)
        self.answered = 0

    def file_result(self, message):
        """Put it into the record: as long as the note says."""
        time.sleep(message.field("NTE", 3).count("."))

    def accept(self, message):
        self.answered += 1
        answer = hl7.message(
            "ACK^R01",
            f"EHR{os.getpid()}{self.answered:05}",
            hl7.segment("MSA", "AA", message.field("MSH", 10)),
        )
        self.channel.basic_publish("", ANSWERS, answer, pika.BasicProperties(delivery_mode=2))

    def on_message(self, channel, method, properties, body):
        message = hl7.Parsed(body)
        control_id = message.field("MSH", 10)
        print(f"{message.field('MSH', 9)} received {control_id}", flush=True)
        self.file_result(message)
        print(f"{message.field('MSH', 9)} done {control_id}", flush=True)
        self.accept(message)
        channel.basic_ack(method.delivery_tag)

    def run(self):
        self.channel.basic_consume(QUEUE, self.on_message)
        print("HL7 interface is up", flush=True)
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Interface().run()
    except KeyboardInterrupt:
        print("HL7 interface is down", flush=True)
        os._exit(0)
