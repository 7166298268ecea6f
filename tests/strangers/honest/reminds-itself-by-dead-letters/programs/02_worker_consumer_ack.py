import logging
import os
import sys
import time
import uuid

import pika

QUEUE = "work_queues_1"
EVERY_MS = 200

log = logging.getLogger("worker")


class RemindedConsumer:
    """Besides the tasks it gets a reminder now and then, to do what is due periodically.

    The reminder lies in an exclusive queue until it expires there, and the broker then moves it to
    another exclusive queue, which is consumed. When it has come, the next one is sent on its way.
    """

    def __init__(self):
        self.tasks = 0
        self.reminders = 0
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(QUEUE)
        name = f"heartbeat-{uuid.uuid4()}"
        self.due = self.channel.queue_declare(name, exclusive=True).method.queue
        self.asleep = self.channel.queue_declare(
            f"{name}-asleep",
            exclusive=True,
            arguments={
                "x-message-ttl": EVERY_MS,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": self.due,
            },
        ).method.queue
        self.channel.basic_consume(self.due, self.on_reminder, auto_ack=True)
        self.channel.basic_consume(QUEUE, self.on_task)

    def remind(self):
        self.channel.basic_publish(
            "",
            self.asleep,
            b"%d" % time.time(),
            pika.BasicProperties(delivery_mode=1, content_type="text/plain"),
        )

    def on_reminder(self, channel, method, properties, body):
        self.reminders += 1
        if self.reminders % 10 == 0:
            log.info("<3 %d reminders, %d tasks", self.reminders, self.tasks)
        self.remind()

    def on_task(self, channel, method, properties, body):
        log.info("Received %r", body)
        time.sleep(body.count(b"."))
        self.tasks += 1
        log.info("Done %r", body)
        channel.basic_ack(method.delivery_tag)

    def run(self):
        self.remind()
        log.info("consuming %s", QUEUE)
        self.channel.start_consuming()


if __name__ == "__main__":
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="%(levelname)-8s %(asctime)s %(name)s: %(message)s",
    )
    logging.getLogger("pika").setLevel(logging.ERROR)
    try:
        RemindedConsumer().run()
    except KeyboardInterrupt:
        log.info("Interrupted")
        os._exit(0)
