"""Ask the kernel what is still under way between two sockets of this machine."""

from __future__ import annotations

import errno
import fcntl
import socket
import struct
import sys
import termios
from pathlib import Path
from typing import NamedTuple

from filaprova.address import Address

_TABLE = Path("/proc/net/tcp")
_ESTABLISHED = 1
_SOCK_DIAG = 4  # the protocol number of NETLINK_SOCK_DIAG
_SOCK_DIAG_BY_FAMILY = 20
_NETLINK_ERROR = 2
_NLM_F_REQUEST = 1
_NETLINK_HEAD = struct.Struct("=IHH8x")
"""Size, kind, flags; number and port of the sender mean nothing to who reads one answer."""
_INET_DIAG_MESSAGE = struct.Struct("=xB58xI")
"""State, and bytes that wait to be sent; what is left out between them is not asked for."""
_ANSWER_BYTES = 4096
ANSWER_LIMIT_S = 1.0


def unread_bytes(descriptor: int) -> int:
    """Return how many bytes have arrived at a socket and were not read."""
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", answer)[0])


class FarSocket(NamedTuple):
    """What the kernel tells about a socket of another process."""

    established: bool
    unsent_bytes: int
    """Written, but not yet acknowledged by the receiving kernel."""


def far_socket(own: Address, peer: Address) -> FarSocket | None:
    """Return the state of the socket at the other end of a connection; None: there is none.

    Small writes may wait at the sender for an acknowledgement (Nagle's algorithm), where no
    reading on our side finds them. Asked by sock_diag (20 µs; man page sock_diag(7)), and where
    the kernel has none by its table of all sockets (5 ms). None also where neither is to be had.
    """
    try:
        return ask_for_socket(own, peer)
    except OSError:
        return find_in_table(own, peer)


def ask_for_socket(own: Address, peer: Address) -> FarSocket | None:
    """Return what sock_diag tells about one socket; ``OSError`` where it is not to be had."""
    if sys.platform != "linux":
        raise OSError(errno.EPROTONOSUPPORT, "there is no sock_diag")
    request = struct.pack("=BBxxI", socket.AF_INET, socket.IPPROTO_TCP, 0xFFFFFFFF)
    request += struct.pack("!HH", peer.port, own.port)
    request += socket.inet_aton(peer.host) + bytes(12) + socket.inet_aton(own.host) + bytes(12)
    request += struct.pack("=4xII", 0xFFFFFFFF, 0xFFFFFFFF)  # any interface, no cookie
    size = _NETLINK_HEAD.size + len(request)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as asking:
        asking.settimeout(ANSWER_LIMIT_S)
        asking.send(_NETLINK_HEAD.pack(size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST) + request)
        answer = asking.recv(_ANSWER_BYTES)
    _, kind, _ = _NETLINK_HEAD.unpack_from(answer)
    answer = answer[_NETLINK_HEAD.size :]
    if kind == _NETLINK_ERROR:
        number = -struct.unpack_from("=i", answer)[0]
        if number == errno.ENOENT:
            return None
        raise OSError(number, "sock_diag refused")
    state, unsent_bytes = _INET_DIAG_MESSAGE.unpack_from(answer)
    return FarSocket(state == _ESTABLISHED, unsent_bytes)


def find_in_table(own: Address, peer: Address) -> FarSocket | None:
    """Return the socket's line in the table (the kernel's Documentation, proc_net_tcp)."""
    try:
        table = _TABLE.read_bytes()
    except OSError:
        return None
    start = table.find(b" %b %b " % (_hexadecimal(peer), _hexadecimal(own)))
    if start < 0:
        return None
    _, _, state, queues, _ = table[start:].split(maxsplit=4)
    return FarSocket(int(state, 16) == _ESTABLISHED, int(queues.partition(b":")[0], 16))


def acknowledge_now(connection: socket.socket) -> None:
    """Let the kernel acknowledge what has arrived, so that the sender sends what it waits with."""
    if sys.platform == "linux":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _hexadecimal(address: Address) -> bytes:
    number = int.from_bytes(socket.inet_aton(address.host), sys.byteorder)
    return b"%08X:%04X" % (number, address.port)
