"""Delete a queue of the course, in the plain and in the durable flavour."""

import sys

import pika

SUFFIX = "_durable"
DEFAULT = "work_queues_durable"


def base_name(queue):
    return queue.rstrip(SUFFIX)


def main():
    asked = sys.argv[1] if len(sys.argv) > 1 else DEFAULT
    queue = base_name(asked)

    connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
    channel = connection.channel()
    deleted = channel.queue_delete(queue=queue)
    count = deleted.method.message_count
    print(f" [x] Deleted {asked!r}, {count} messages dropped")
    connection.close()


if __name__ == "__main__":
    main()
