"""Ask the kernel what is still under way between two sockets of this machine."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import termios
from pathlib import Path
from typing import NamedTuple

from harness.address import Address

_TABLE = Path("/proc/net/tcp")
_ESTABLISHED = b"01"


def unread_bytes(descriptor: int) -> int:
    """Return how many bytes have arrived at a socket and were not read."""
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", answer)[0])


class FarSocket(NamedTuple):
    """What the kernel's table says about a socket of another process."""

    established: bool
    unsent_bytes: int
    """Written, but not yet acknowledged by the receiving kernel."""


def far_socket(own: Address, peer: Address) -> FarSocket | None:
    """Return the state of the socket at the other end; None: there is none, or no such table.

    Small writes may wait at the sender for an acknowledgement (Nagle's algorithm), where no
    reading on our side finds them. Source: the kernel's Documentation/networking/proc_net_tcp.
    """
    try:
        table = _TABLE.read_bytes()
    except OSError:
        return None
    start = table.find(b" %b %b " % (_hexadecimal(peer), _hexadecimal(own)))
    if start < 0:
        return None
    _, _, state, queues, _ = table[start:].split(maxsplit=4)
    return FarSocket(state == _ESTABLISHED, int(queues.partition(b":")[0], 16))


def acknowledge_now(connection: socket.socket) -> None:
    """Let the kernel acknowledge what has arrived, so that the sender sends what it waits with."""
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _hexadecimal(address: Address) -> bytes:
    number = int.from_bytes(socket.inet_aton(address.host), sys.byteorder)
    return b"%08X:%04X" % (number, address.port)
