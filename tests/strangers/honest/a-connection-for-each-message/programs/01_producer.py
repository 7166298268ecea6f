"""Send greetings with the helper."""

import logging
import sys
from datetime import datetime

import rabbit_helper

log = logging.getLogger("greeter")


def main(count):
    for number in range(1, count + 1):
        rabbit_helper.send(
            "work_queues_1",
            f"Hello RabbitMQ {datetime.now():%Y-%m-%d %H:%M:%S.%f} {number:6}",
        )
        log.info("greeting no. %d is on its way", number)
    log.info("that was all")


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("pika").setLevel(logging.WARNING)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
