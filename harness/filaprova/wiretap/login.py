"""Login: the password that a program is given is good for its tap only.

The broker's own password is put in its place on the way, in the client's ``connection.start-ok``
(AMQP 0-9-1 section 1.4.2.2). It is as long, so that no length on the wire changes. Whoever looks
for the broker's port on the machine has no password for it.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Self

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
FRAME_HEADER_BYTES = 7
LONGEST_BYTES = 128 * 1024
"""RabbitMQ's own limit of a frame; what is longer is no ``start-ok``."""
LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user, the password that a program has for it, and the one that the broker knows."""

    user: str
    given: str = field(repr=False)
    true: str = field(repr=False)

    @classmethod
    def made_for(cls, user: str, password: str) -> Self:
        """Return one with a random password of the same length in bytes."""
        given = "".join(secrets.choice(LETTERS) for _ in password.encode())
        return cls(user=user, given=given, true=password)

    def translated(self, start_ok: bytes) -> bytes:
        """Return a frame with the broker's password where it shows the given one.

        As PLAIN (RFC 4616) and RabbitMQ's AMQPLAIN put it.
        """
        given, true = self.given.encode(), self.true.encode()
        size = len(given).to_bytes(4, "big")
        for before in (b"\0" + self.user.encode() + b"\0", b"\x08PASSWORDS" + size):
            start_ok = start_ok.replace(before + given, before + true)
        return start_ok


class Opening:
    """What a client sends at first: its ``start-ok`` is kept until it is whole, then passed on."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._read = b""
        self._passed_bytes = 0
        self.is_over = False

    def receive(self, data: bytes) -> bytes:
        """Return what may go on to the broker now."""
        if self.is_over:
            return data
        self._read += data
        if self._awaits_more():
            passing = self._read[self._passed_bytes : len(PROTOCOL_HEADER)]
            self._passed_bytes += len(passing)
            return passing
        return self.rest()

    def rest(self) -> bytes:
        """Return what is still kept, as it is to go on; it is asked for once, at the end."""
        self.is_over = True
        end = self._frame_end(self._read)
        return self._login.translated(self._read[self._passed_bytes : end]) + self._read[end:]

    def _awaits_more(self) -> bool:
        """Tell whether more has to come until the first frame is whole."""
        read = self._read
        is_ours = read[: len(PROTOCOL_HEADER)] == PROTOCOL_HEADER[: len(read)]
        return is_ours and len(read) < min(self._frame_end(read), LONGEST_BYTES)

    def _frame_end(self, read: bytes) -> int:
        """Return where the first frame ends, at the least."""
        size_end = len(PROTOCOL_HEADER) + FRAME_HEADER_BYTES
        return size_end + int.from_bytes(read[size_end - 4 : size_end], "big") + 1
