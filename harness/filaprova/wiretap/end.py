"""End: one of the two sockets of a tapped connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import Protocol, cast

from filaprova.address import Address
from filaprova.amqp.frames import Frame, FrameReader, UndecodableBytesError
from filaprova.faults.hold_back import Fault
from filaprova.record.wire import Side
from filaprova.wiretap.kernel import unread_bytes

WRITE_LIMIT_BYTES = 128 * 1024
"""Over so many bytes that a slow reader has not taken, nothing more is read for it."""

READ_BYTES = 256 * 1024


class Owner(Protocol):
    """The connection that an end belongs to. Each of these is called on the loop."""

    def made(self, end: End) -> None:
        """Hear that the socket is open."""

    def received(self, end: End, data: bytes) -> None:
        """Take bytes."""

    def ended(self, end: End) -> None:
        """Hear that no more bytes will come (may be told twice)."""

    def lost(self, end: End) -> None:
        """Hear that the socket is closed."""


class End(asyncio.Protocol):
    """One socket, what is known of the frames that come from it, and the faults they meet."""

    def __init__(self, side: Side, owner: Owner) -> None:
        self.side = side
        self.owner = owner
        self.other: End | None = None
        self.faults: tuple[Fault, ...] = ()
        self.reader = FrameReader(expects_protocol_header=side == "client")
        self.framed = True
        """False: reading its frames has failed, and nobody tries again."""
        self.partly_forwarded = False
        """The frame that is coming in began before any fault was armed."""
        self.read_bytes = 0
        self.withheld_bytes = 0
        """Of what was read here: what a fault kept back."""
        self.written_bytes = 0
        self.refused_bytes = 0
        """Meant for this socket when it took nothing any more."""
        self.full = False
        """More is waiting to be written than the limit."""
        self.is_closed = False
        self._transport: asyncio.Transport | None = None

    # ------------------------------------------------------------ called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_LIMIT_BYTES)
        self.owner.made(self)

    def data_received(self, data: bytes) -> None:
        """Count and hand on what was read."""
        self.read_bytes += len(data)
        self.owner.received(self, data)

    def eof_received(self) -> bool:
        """Hand on that nothing more will come from there."""
        self.owner.ended(self)
        return True  # the other direction stays open until the owner closes it

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Hand on what had arrived, and that this is over."""
        # A failed write ends a transport before it has read what came in before the failure.
        self.take_arrived()
        self.is_closed = True
        self.owner.ended(self)
        self.owner.lost(self)

    def pause_writing(self) -> None:
        """Let the other end read no more, since this one cannot write it."""
        self.full = True
        if self.other is not None:
            self.other.pause_reading()

    def resume_writing(self) -> None:
        """Let the other end read again."""
        self.full = False
        if self.other is not None:
            self.other.resume_reading()

    # ------------------------------------------------------------ called by the owner

    @property
    def transport(self) -> asyncio.Transport:
        """Return the transport; there is one once ``made`` was called."""
        assert self._transport is not None
        return self._transport

    @property
    def descriptor(self) -> int:
        """Return the number of the socket, -1 when it is closed."""
        return int(self.transport.get_extra_info("socket").fileno())

    @property
    def unsent_bytes(self) -> int:
        """Return how many bytes wait until the other side takes them."""
        return self.transport.get_write_buffer_size()

    @property
    def unread_bytes(self) -> int:
        """Return how many bytes have arrived at a socket that is open, and were not read."""
        return unread_bytes(self.descriptor)

    def address(self, which: str) -> Address:
        """Return the address of "sockname" (here) or "peername" (there)."""
        return Address(*self.transport.get_extra_info(which))

    @property
    def awaited_bytes(self) -> int:
        """Return how much has come in of a frame that faults are asked about once it is whole."""
        asked = self.faults and self.framed and not self.partly_forwarded
        return self.reader.remainder_bytes if asked else 0

    def pause_reading(self) -> None:
        """Read nothing more."""
        self.transport.pause_reading()

    def pause_reading_anew(self) -> None:
        """Read nothing more, where bytes came although reading was paused.

        A transport of Python 3.11.2 that is paused as soon as it is made reads all the same, and
        takes itself to be paused, so that pausing it again does nothing.
        """
        self.transport.resume_reading()
        self.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send bytes; what a closed socket gets is dropped, and counted apart."""
        if self.transport.is_closing():
            self.refused_bytes += len(data)
        else:
            self.transport.write(data)
            self.written_bytes += len(data)

    def finish(self) -> None:
        """Send what is waiting and then the end of the stream; go on reading."""
        if not self.transport.is_closing():
            # The socket may be broken already; the transport will find out by itself.
            with contextlib.suppress(OSError):
                self.transport.write_eof()

    def take_arrived(self) -> None:
        """Read what has arrived until now, without waiting for the loop to do so."""
        due_bytes = self.unread_bytes
        with contextlib.suppress(OSError):
            while due_bytes > 0 and (data := os.read(self.descriptor, READ_BYTES)):
                due_bytes -= len(data)
                self.data_received(data)

    def arm(self, fault: Fault) -> None:
        """Have the fault asked about everything that begins from now on."""
        if not self.faults:
            self.partly_forwarded = self.framed and self.reader.remainder_bytes > 0
        self.faults += (fault,)

    def cut(self, data: bytes) -> tuple[Sequence[Frame], bytes, UndecodableBytesError | None]:
        """Return the frames that ``data`` completes, then bytes that are not frames, and why."""
        if not self.framed:
            return (), data, None
        try:
            return self.reader.receive(data), b"", None
        except UndecodableBytesError as error:
            return error.frames, error.rest, error
