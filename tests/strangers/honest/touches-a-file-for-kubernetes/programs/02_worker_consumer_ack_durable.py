import logging
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pika
from pika.exceptions import AMQPError

QUEUE = "work_queues_durable"
PERIOD_S = 0.5

log = logging.getLogger("worker")


class ProbeFiles:
    """What the kubelet looks at: whether we are ready, and when we were last alive."""

    def __init__(self):
        folder = Path(tempfile.gettempdir())
        self.ready = folder / f"worker_ready.{os.getpid()}"
        self.alive = folder / f"worker_heartbeat.{os.getpid()}"

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.ready.unlink(missing_ok=True)
        self.alive.unlink(missing_ok=True)


class Worker:
    def __init__(self, probes):
        self.probes = probes
        self.leaving = False
        self.connection = pika.BlockingConnection(
            pika.ConnectionParameters(
                os.environ.get("RABBITMQ_SERVICE_HOST", "localhost"),
                client_properties={"pod": os.environ.get("HOSTNAME", "none")},
            )
        )
        self.connection.add_on_connection_blocked_callback(lambda *_: log.warning("blocked"))
        self.channel = self.connection.channel()
        self.channel.queue_declare(QUEUE, durable=True)

    def beat(self):
        self.probes.alive.touch()
        if self.leaving:
            self.channel.stop_consuming()
        else:
            self.connection.call_later(PERIOD_S, self.beat)

    def on_message(self, channel, method, properties, body):
        log.info("task received: %s", body.decode())
        self.probes.alive.touch()
        time.sleep(body.count(b"."))
        log.info("task done: %s", body.decode())
        channel.basic_ack(method.delivery_tag)
        if self.leaving:
            channel.stop_consuming()

    def on_sigterm(self, signum, frame):
        log.info("SIGTERM: the pod is going away")
        self.leaving = True

    def run(self):
        signal.signal(signal.SIGTERM, self.on_sigterm)
        self.channel.basic_consume(QUEUE, self.on_message)
        self.beat()
        self.probes.ready.touch()
        log.info("ready")
        self.channel.start_consuming()
        if self.connection.is_open:
            self.connection.close()


def main():
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with ProbeFiles() as probes:
        try:
            Worker(probes).run()
        except KeyboardInterrupt:
            log.info("interrupted")
        except AMQPError as error:
            log.error("%r: Kubernetes will start us again", error)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
