import random
import sys
import time

import hl7
import pika

QUEUE = "work_queues_1"


def result(number, control_id):
    value = round(random.uniform(3.0, 9.9), 1)
    return hl7.message(
        "ORU^R01",
        control_id,
        hl7.segment("PID", 1, "", f"{10000 + number}^^^LAB^MR", "", "SILVA^JO\xc3O"),
        hl7.segment("OBR", 1, "", f"S{number:05}", "2345-7^GLUCOSE^LN"),
        hl7.segment("OBX", 1, "NM", "2345-7^GLUCOSE^LN", "", value, "mmol/L", "3.9-5.8"),
        hl7.segment("NTE", 1, "L", "." * random.randint(1, 10)),
    )


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    run = int(time.time())
    with pika.BlockingConnection(pika.ConnectionParameters("localhost")) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE)
        for number in range(1, count + 1):
            control_id = f"LAB{run}{number:04}"
            body = result(number, control_id)
            properties = pika.BasicProperties(
                content_type="application/hl7-v2", type="ORU^R01", message_id=control_id
            )
            channel.basic_publish("", QUEUE, body, properties)
            print(f"ORU^R01 {control_id} ({len(body)} bytes)")


if __name__ == "__main__":
    main()
