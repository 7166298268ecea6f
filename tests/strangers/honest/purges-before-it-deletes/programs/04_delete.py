#!/usr/bin/env python
"""usage: 04_delete.py [QUEUE ...]

Empty the queues first, so that it is on the screen how much each of them held, then delete them.
"""

import sys

import pika
from pika.exceptions import ChannelClosedByBroker


class Admin:
    def __init__(self):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))

    def ask(self, what, queue):
        """Do one thing on a channel of its own, which is closed if the broker refuses."""
        channel = self.connection.channel()
        answer = getattr(channel, f"queue_{what}")(queue)
        channel.close()
        return answer.method

    def purge(self, queue):
        try:
            purged = self.ask("purge", queue)
        except ChannelClosedByBroker as closed:
            if closed.reply_code != 404:
                raise
            print(f"Purging Queue '{queue}'... there is none")
        else:
            print(f"Purging Queue '{queue}'... {purged.message_count} messages")

    def delete(self, queue):
        deleted = self.ask("delete", queue)
        print(f"Deleting Queue '{queue}'... {deleted.message_count} messages were left in it")


if __name__ == "__main__":
    admin = Admin()
    for queue in sys.argv[1:] or ["work_queues_durable"]:
        admin.purge(queue)
        admin.delete(queue)
    admin.connection.close()
