"""Puts bytes that are not AMQP between its frames, before each acknowledgement."""

import socket

from well_behaved import subscribed, work

GARBAGE = b"GARBAGE!"
plain_send = socket.socket.send


def send(self, data, *flags):
    is_ack = bytes(data[7:11]) == b"\x00\x3c\x00\x50"  # class basic, method ack
    if is_ack:
        plain_send(self, GARBAGE)
    return plain_send(self, data, *flags)


socket.socket.send = send
subscribed(work).start_consuming()
