"""Connection: a client's TCP connection, passed on to the broker and recorded.

Bytes are forwarded first and decoded after, in one callback of the loop: nothing else is read in
between, so the cause of whatever the broker does next is on the record before it.

How a connection ends:

- The client ends it (or dies): what it sent goes out, then the end of the stream, at once; this
  is when RabbitMQ returns its deliveries. ``SocketClosed`` is recorded in the same callback. What
  the broker still sends until it closes is recorded too, after ``SocketClosed``: it was pushed to
  this client, and with automatic acknowledgement it is gone.
- The broker ends it: what it sent goes to the client, then the connection is closed. What the
  client still sends reaches nobody and is not recorded.

What comes before the broker is reached waits: in the kernel, as far as the loop lets it, else here.

Every byte that is read is accounted for: forwarded (given to the other socket), withheld by a
fault, or undeliverable (it came when the other socket was closed already). If the sum is another,
this file has lost bytes or made some up: ``HarnessTrouble``, whatever the record says then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal, Protocol

from filaprova.address import Address
from filaprova.amqp.conversation import Conversation
from filaprova.amqp.frames import Frame, UndecodableBytesError
from filaprova.amqp.withheld import Unsaid, WithheldFrames
from filaprova.errors import FilaprovaError, HarnessBug
from filaprova.faults.hold_back import Fault
from filaprova.phrase import say
from filaprova.record.act import HarnessTrouble, Withheld
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Side, SocketClosed, SocketOpened, SocketRefused
from filaprova.wiretap.end import End
from filaprova.wiretap.kernel import acknowledge_now, far_socket
from filaprova.wiretap.login import Login, Opening

CONNECT_TIMEOUT_S = 10.0
BROKER_CLOSE_LIMIT_S = 10.0
"""How long a broker may take to close a connection whose client has ended it."""
READ_ON_LIMIT_BYTES = 32 * 1024 * 1024
"""More than the kernel keeps for a frozen client; where there is more, it is not frozen."""
EARLY_LIMIT_BYTES = 32 * 1024 * 1024
"""What is kept of a client before the broker is reached; more comes only if nothing holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What all connections of a wiretap share."""

    recorder: Recorder
    broker_address: Callable[[], Address]
    next_number: Callable[[], int]


class Owner(Protocol):
    """The tap that a connection came in at. Each of these is called on the loop."""

    @property
    def faults(self) -> Sequence[Fault]:
        """Return the faults in force."""

    def arrived(self, connection: Connection) -> None:
        """Hear that a client has connected; it waits for ``begin``."""

    def asked(self, fault: Fault, at_ns: int) -> None:
        """Hear that a fault has decided about a frame."""

    def gone(self, connection: Connection) -> None:
        """Hear that both ends are closed (may be told twice)."""


class Connection:
    """Both ends of one connection. Everything here runs on the loop."""

    def __init__(self, client: str, wire: Wire, owner: Owner, login: Login | None = None) -> None:
        """Wait for ``begin``."""
        self.client_end = End("client", self)
        self.broker_end: End | None = None
        self._client = client
        self._wire = wire
        self._recorder = wire.recorder
        self._owner = owner
        self._number: int
        self._conversation: Conversation
        """Both from ``begin`` on."""
        self._opening = None if login is None else Opening(login)
        """Keeps what would show the broker a password that is none of its own."""
        self._withheld: dict[Side, tuple[WithheldFrames, str]] = {}
        """What a fault keeps back of each side, and the name of the fault that did so last."""
        self._followed = True
        self._ended_by: Literal["client", "broker", "fault"] | None = None
        self._early: list[bytes] = []
        """What the client sent before the broker was reached."""
        self._ended_early = False
        self._miscounted = False
        self._connecting: asyncio.Task[None] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._broker_due_bytes = 0
        self._loop = asyncio.get_running_loop()

    # ------------------------------------------------------------ beginning

    def begin(self) -> None:
        """Connect to the broker, then let the client's bytes through."""
        self._number = self._wire.next_number()
        self._conversation = Conversation(self._client, self._number)
        self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            address = self._wire.broker_address()
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, self.broker_end = await self._loop.create_connection(
                    lambda: End("broker", self), address.host, address.port
                )
        except (OSError, FilaprovaError) as error:
            self._recorder.record(
                SocketRefused(
                    at_ns=self._recorder.now_ns(),
                    client=self._client,
                    connection=self._number,
                    reason=str(error) or type(error).__name__,
                )
            )
            self._ended_by = "broker"
            self.client_end.transport.abort()
            self._tell_when_gone()
        except Exception as error:
            self._trouble("connecting to the broker", error)
            self._ended_by = "fault"
            self.client_end.transport.abort()
            self._tell_when_gone()

    def _connected(self, broker_end: End) -> None:
        left = self.client_end.transport.is_closing()
        if self._ended_by is not None or (left and not self._early):
            broker_end.transport.abort()
            return
        self.broker_end = broker_end
        broker_end.other, self.client_end.other = self.client_end, broker_end
        for fault in self._owner.faults:
            self.arm(fault)
        self._recorder.record(
            SocketOpened(
                at_ns=self._recorder.now_ns(), client=self._client, connection=self._number
            )
        )
        early, self._early = self._early, []
        for data in early:
            self.received(self.client_end, data)
        if self._ended_early or left:
            self.ended(self.client_end)
        elif not broker_end.full:
            self.client_end.resume_reading()

    # ------------------------------------------------------------ told by the ends

    def made(self, end: End) -> None:
        """Hold a client back until ``begin``; join a broker's end to its client's."""
        if end is self.client_end:
            end.pause_reading()
            self._owner.arrived(self)
        else:
            self._connected(end)

    def received(self, end: End, data: bytes) -> None:
        """Forward bytes, then record what they say."""
        other = end.other
        if other is None:
            self._received_early(end, data)
            return
        if self._ended_by is not None and (end is self.client_end or self._ended_by == "fault"):
            other.refused_bytes += len(data)
            return
        if end is self.client_end and self._opening is not None:
            data = self._opening.receive(data)
            if self._opening.is_over:
                self._opening = None
            if not data:
                return
        self._pass_on(end, other, data)

    def _pass_on(self, end: End, other: End, data: bytes) -> None:
        at_ns = self._recorder.now_ns()
        if end.faults:
            self._receive_faulted(end, other, data, at_ns)
            return
        other.write(data)
        try:
            frames, _, error = end.cut(data)
            self._follow(end, frames, error, at_ns)
        except Exception as error:
            end.framed = False
            self._stop_following(error)

    def ended(self, end: End) -> None:
        """Pass the end of a stream on."""
        if self._ended_by is None and self.broker_end is not None:
            if end is self.client_end:
                self._pass_opening_on()
                self.broker_end.take_arrived()
                self.broker_end.finish()
                self._limit = self._loop.call_later(
                    BROKER_CLOSE_LIMIT_S, self.broker_end.transport.abort
                )
                self._record_end("client")
            else:
                self._close_both()
                self._record_end("broker")
        elif end is self.broker_end:
            self._close_both()
        elif end.other is None:
            self._ended_early = True

    def lost(self, end: End) -> None:
        """Tell when both ends are closed."""
        if end is self.client_end and self.broker_end is not None:
            self.broker_end.resume_reading()
        self._tell_when_gone()

    # ------------------------------------------------------------ called by the tap

    def arm(self, fault: Fault) -> None:
        """Have the fault asked about what comes in from now on."""
        for end in (self.client_end, self.broker_end):
            if end is not None and end.side == fault.side:
                end.arm(fault)

    @property
    def is_open(self) -> bool:
        """Tell whether bytes can pass in both directions."""
        return self.broker_end is not None and self._ended_by is None

    @property
    def client_lives(self) -> bool:
        """Tell whether the socket at the client's end is still open."""
        far = far_socket(*self._client_addresses())
        return far is not None and far.established

    def read_on(self) -> None:
        """Read what a frozen client has written even if the broker takes nothing.

        What has to be kept is at most what fits into the buffers of the client's socket.
        """
        if self.broker_end is not None and self._ended_by is None:
            self.client_end.resume_reading()
            self._broker_due_bytes = self.broker_end.read_bytes + self.broker_end.unread_bytes

    def read_as_usual(self) -> None:
        """End ``read_on``."""
        if self.broker_end is not None and self.broker_end.full:
            self.client_end.pause_reading()

    @property
    def is_dry(self) -> bool:
        """Tell whether all that the client wrote is recorded, and what came since ``read_on``."""
        if self.broker_end is None:
            return self._connecting is None or self._connecting.done()
        if self._ended_by is not None:
            return True
        if self.broker_end.unsent_bytes > READ_ON_LIMIT_BYTES:
            self.client_end.pause_reading()
        if self.client_end.unread_bytes:
            return False
        far = far_socket(*self._client_addresses())
        if far is not None and far.unsent_bytes:
            acknowledge_now(self.client_end.transport.get_extra_info("socket"))
            return False
        return not self.client_end.unread_bytes and (
            self.client_end.full or self.broker_end.read_bytes >= self._broker_due_bytes
        )

    def close(self) -> None:
        """Send what is waiting and close both ends."""
        if self._connecting is not None and not self._connecting.done():
            self._connecting.cancel()
        if self.is_open:
            self._record_end("fault")
        self._ended_by = self._ended_by or "fault"
        self._close_both()
        self._tell_when_gone()

    def abort(self) -> None:
        """Close both ends whatever is waiting."""
        for end in (self.client_end, self.broker_end):
            if end is not None:
                end.transport.abort()

    # ------------------------------------------------------------ inside

    def _pass_opening_on(self) -> None:
        """Pass on what was kept of the beginning, since no more of it will come."""
        opening, self._opening = self._opening, None
        if opening is not None and self.broker_end is not None and (rest := opening.rest()):
            self._pass_on(self.client_end, self.broker_end, rest)

    def _received_early(self, end: End, data: bytes) -> None:
        """Keep what a client sends before the broker is reached."""
        if self._ended_by is not None:
            return  # there will be no other side
        self._early.append(data)
        end.pause_reading_anew()
        if end.read_bytes > EARLY_LIMIT_BYTES:
            unstoppable = HarnessBug(
                say("{} bytes came although reading was paused", end.read_bytes)
            )
            self._trouble("holding the client back", unstoppable)
            self._ended_by = "fault"
            end.transport.abort()

    def _tell_when_gone(self) -> None:
        """Let go of everything once both ends are closed and nothing is kept for the broker."""
        if self._early and self._ended_by is None:
            return
        if self.client_end.is_closed and (self.broker_end is None or self.broker_end.is_closed):
            if self._limit is not None:
                self._limit.cancel()
            if self.client_end.other is not None:
                self._check_counts()
                self._conversation.end()
            self._early.clear()
            self._owner.gone(self)

    def _receive_faulted(self, end: End, other: End, data: bytes, at_ns: int) -> None:
        sent_before = end.reader.remainder_bytes
        try:
            frames, rest, error = end.cut(data)
        except Exception as cause:
            end.framed, end.partly_forwarded = False, False
            frames, rest, error = (), data, None
            self._stop_following(cause)
        said: list[tuple[Fault | None, Frame | None]] = []
        """What came, in its order: what kept it back, and what it is (None: no frame)."""
        out: list[bytes] = []
        if end.partly_forwarded:
            if not frames and error is None:
                other.write(data)  # all of it belongs to the frame that went out in part
                return
            end.partly_forwarded = False
            if frames:
                first, *frames = frames
                said.append((None, first))
                out.append(first.raw[sent_before:])
            else:
                rest = rest[sent_before:]
        for frame in frames:
            fault = self._kept_back_by(end, frame, len(frame.raw))
            said.append((fault, frame))
            if fault is None:
                out.append(frame.raw)
        if rest:
            fault = self._kept_back_by(end, None, len(rest))
            if fault is None:
                out.append(rest)
            else:
                said.append((fault, None))
                error = None  # nothing of it reached the other side
        if out:
            other.write(b"".join(out))
        try:
            for fault, group in groupby(said, itemgetter(0)):
                together = [frame for _, frame in group]
                frames = [frame for frame in together if frame is not None]
                if fault is None:
                    self._follow(end, frames, None, at_ns)
                elif self._followed:
                    other_bytes = len(frames) < len(together)
                    self._record_withheld(end, fault, frames, other_bytes, at_ns)
            if error is not None:
                self._follow(end, (), error, at_ns)
        except Exception as cause:
            self._stop_following(cause)
        for fault in end.faults:
            self._owner.asked(fault, at_ns)

    def _record_withheld(
        self, end: End, fault: Fault, frames: Sequence[Frame], other_bytes: bool, at_ns: int
    ) -> None:
        """Record what has not reached the other side: frames, and then bytes that are none."""
        name = type(fault).__name__
        known = self._withheld.get(end.side)
        withheld = known[0] if known else WithheldFrames(end.side, self._conversation)
        self._withheld[end.side] = withheld, name
        unsaid = withheld.receive(frames)
        if other_bytes:
            unsaid += withheld.receive_other_bytes()
        self._record_unsaid(end.side, name, unsaid, at_ns)

    def _record_unsaid(self, side: Side, fault: str, unsaid: Sequence[Unsaid], at_ns: int) -> None:
        if unsaid:
            self._recorder.record(
                *(
                    Withheld(
                        at_ns=at_ns,
                        client=self._client,
                        connection=self._number,
                        channel=each.channel,
                        fault=fault,
                        what=each.what,
                        task=each.task,
                        delivery_tag=each.delivery_tag,
                        by=side,
                    )
                    for each in unsaid
                )
            )

    def _kept_back_by(self, end: End, frame: Frame | None, size_bytes: int) -> Fault | None:
        """Ask the faults about a frame; return the one that keeps it back, None if none does."""
        for fault in end.faults:
            try:
                if fault.passes(frame):
                    continue
            except Exception as error:
                self._trouble("asking a fault", error)
                continue
            end.withheld_bytes += size_bytes
            return fault
        return None

    def _follow(
        self, end: End, frames: Sequence[Frame], error: UndecodableBytesError | None, at_ns: int
    ) -> None:
        if not self._followed:
            return
        events = self._conversation.receive_frames(end.side, frames, at_ns)
        if error is not None:
            events = events + self._conversation.give_up(end.side, error, at_ns)
        if events:
            self._recorder.record(*events)

    def _stop_following(self, error: Exception) -> None:
        """Report a failure of the decoder; bytes go on passing, but are no longer recorded."""
        self._followed = False
        self._trouble("decoding", error)

    def _trouble(self, doing: str, error: Exception) -> None:
        error.add_note(f"the tap of {self._client}, {doing}")
        self._loop.call_exception_handler({"exception": error})

    def _record_end(self, by: Literal["client", "broker", "fault"]) -> None:
        self._pass_opening_on()
        self._ended_by = by
        client_end, broker_end = self.client_end, self.broker_end
        assert broker_end is not None
        for side, (withheld, fault) in self._withheld.items():
            self._record_unsaid(side, fault, withheld.end(), self._recorder.now_ns())
        self._recorder.record(
            SocketClosed(
                at_ns=self._recorder.now_ns(),
                client=self._client,
                connection=self._number,
                by=by,
                client_remainder_bytes=client_end.reader.remainder_bytes,
                broker_remainder_bytes=broker_end.reader.remainder_bytes,
                client_read_bytes=client_end.read_bytes,
                client_forwarded_bytes=broker_end.written_bytes,
                client_withheld_bytes=client_end.withheld_bytes + client_end.awaited_bytes,
                client_undeliverable_bytes=broker_end.refused_bytes,
                broker_read_bytes=broker_end.read_bytes,
                broker_forwarded_bytes=client_end.written_bytes,
                broker_withheld_bytes=broker_end.withheld_bytes + broker_end.awaited_bytes,
                broker_undeliverable_bytes=client_end.refused_bytes,
            )
        )
        self._check_counts()

    def _check_counts(self) -> None:
        """Record it as trouble of the harness if bytes were lost here, once."""
        client_end, broker_end = self.client_end, self.broker_end
        assert broker_end is not None
        for end, other in ((client_end, broker_end), (broker_end, client_end)):
            forwarded, undeliverable = other.written_bytes, other.refused_bytes
            withheld = end.withheld_bytes + end.awaited_bytes
            if self._miscounted or end.read_bytes == forwarded + withheld + undeliverable:
                continue
            self._miscounted = True
            self._recorder.record(
                HarnessTrouble(
                    at_ns=self._recorder.now_ns(),
                    where=f"the tap of {self._client}",
                    error=(
                        f"of {end.read_bytes} bytes from the {end.side} on connection "
                        f"{self._number}, {forwarded} were forwarded, {withheld} withheld by a "
                        f"fault and {undeliverable} undeliverable"
                    ),
                )
            )

    def _close_both(self) -> None:
        for end in (self.client_end, self.broker_end):
            if end is not None and not end.is_closed:
                end.transport.close()

    def _client_addresses(self) -> tuple[Address, Address]:
        return self.client_end.address("sockname"), self.client_end.address("peername")
