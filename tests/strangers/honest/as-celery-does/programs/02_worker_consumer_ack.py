import json
import os
import socket
import time
import uuid
from datetime import datetime

import pika

QUEUE = "work_queues_1"
NODE = f"celery{os.getpid()}@{socket.gethostname()}"


def log(level, text):
    now = datetime.now()
    print(f"[{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03}: {level}/MainProcess] {text}", flush=True)


class Worker:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
        self.channel = self.connection.channel()
        self.neighbours = set()
        self.active = None
        self.total = 0
        self.clock = 0

    # -- remote control ------------------------------------------------------

    def open_pidbox(self):
        ch = self.channel
        ch.exchange_declare("celery.pidbox", exchange_type="fanout")
        ch.exchange_declare("reply.celery.pidbox", exchange_type="direct")
        self.pidbox = f"{NODE}.celery.pidbox"
        ch.queue_declare(self.pidbox, auto_delete=True, exclusive=True,
                         arguments={"x-expires": 10000, "x-message-ttl": 300000})
        ch.queue_bind(self.pidbox, "celery.pidbox")
        ch.basic_consume(self.pidbox, self.on_control, auto_ack=True, consumer_tag=f"{NODE}-pidbox")
        self.replies = f"{uuid.uuid4()}.reply.celery.pidbox"
        ch.queue_declare(self.replies, auto_delete=True, exclusive=True)
        ch.queue_bind(self.replies, "reply.celery.pidbox", routing_key=self.replies)
        ch.basic_consume(self.replies, self.on_reply, auto_ack=True)

    def on_control(self, ch, method, properties, body):
        order = json.loads(body)
        if order["from"] == NODE:
            return
        self.neighbours.add(order["from"])
        ch.basic_publish(
            "reply.celery.pidbox", order["reply_to"],
            json.dumps({NODE: {"clock": self.clock, "active": self.active}}),
        )

    def on_reply(self, ch, method, properties, body):
        self.neighbours.update(json.loads(body))

    def mingle(self):
        log("INFO", "mingle: searching for neighbors")
        self.channel.basic_publish(
            "celery.pidbox", "", json.dumps({"method": "hello", "from": NODE, "reply_to": self.replies})
        )
        self.connection.process_data_events(time_limit=0.2)
        if self.neighbours:
            log("INFO", f"mingle: sync with {len(self.neighbours)} nodes")
        else:
            log("INFO", "mingle: all alone")

    # -- events --------------------------------------------------------------

    def open_gossip(self):
        ch = self.channel
        ch.exchange_declare("celeryev", exchange_type="topic", durable=True)
        queue = f"celeryev.{uuid.uuid4()}"
        ch.queue_declare(queue, auto_delete=True, exclusive=True)
        ch.queue_bind(queue, "celeryev", routing_key="#")
        ch.basic_consume(queue, self.on_event, auto_ack=True)

    def event(self, kind, **fields):
        self.clock += 1
        self.channel.basic_publish(
            "celeryev", kind.replace("-", "."),
            json.dumps({"type": kind, "hostname": NODE, "clock": self.clock, "timestamp": time.time(), **fields}),
            pika.BasicProperties(content_type="application/json", headers={"hostname": NODE}, delivery_mode=1),
        )

    def on_event(self, ch, method, properties, body):
        event = json.loads(body)
        self.clock = max(self.clock, event["clock"]) + 1

    # -- tasks ---------------------------------------------------------------

    def on_task(self, ch, method, properties, body):
        args, _, _ = json.loads(body)
        task_id, name = properties.headers["id"], properties.headers["task"]
        log("INFO", f"Task {name}[{task_id}] received")
        self.event("task-received", uuid=task_id, name=name, args=repr(args))
        self.active = task_id
        self.event("task-started", uuid=task_id, args=repr(args))
        start = time.monotonic()
        time.sleep(args[0].count("."))
        runtime = time.monotonic() - start
        self.active = None
        self.total += 1
        self.event("task-succeeded", uuid=task_id, runtime=runtime, args=repr(args), result="None")
        log("INFO", f"Task {name}[{task_id}] succeeded in {runtime}s: None")
        ch.basic_ack(method.delivery_tag)

    def run(self):
        self.open_pidbox()
        self.mingle()
        self.open_gossip()
        self.channel.queue_declare(QUEUE)
        self.channel.basic_qos(prefetch_count=0)  # worker_prefetch_multiplier = 0
        self.channel.basic_consume(QUEUE, self.on_task, consumer_tag="None4")
        self.event("worker-online", sw_ident="py-celery", freq=2.0)
        log("INFO", f"{NODE} ready.")
        self.channel.start_consuming()


if __name__ == "__main__":
    try:
        Worker().run()
    except KeyboardInterrupt:
        print("\nworker: Hitting Ctrl+C again will terminate all running tasks!", flush=True)
        print("worker: Cold shutdown (MainProcess)", flush=True)
        os._exit(0)
