"""Frames -> events: what the two sides of one connection tell each other.

What a method means is told in ``methods``. A channel that the client never opened is followed like
any other: the broker will refuse it.

Memory: one unfinished frame of each side, 256 bytes of each unfinished body, and what both sides
have agreed on and not settled, which takes at most 128 bytes for each byte that came. After
undecodable bytes and at the end nothing of it is kept. Each frame gives at most one event; the
frame of a multiple settlement or confirm one for each delivery or publish that it stands for; after
a rollback a delivery can be settled once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from filaprova.amqp.agreed import Arguments, Channel, UnexpectedError
from filaprova.amqp.content import Content
from filaprova.amqp.frames import SHOWN_BYTES, Frame, FrameReader, UndecodableBytesError
from filaprova.amqp.heard import ContentHandler, Heard
from filaprova.amqp.methods import UNDERSTOOD
from filaprova.record.event import Event
from filaprova.record.wire import Side, Undecodable


class _Carrier:
    """A method whose content is still coming."""

    __slots__ = ("arguments", "channel", "content", "finish", "method")

    def __init__(
        self, method: str, channel: Channel, arguments: Arguments, finish: ContentHandler
    ) -> None:
        self.method = method
        self.channel = channel
        self.arguments = arguments
        self.finish = finish
        self.content: Content | None = None


class _Direction:
    """What one side sends: its bytes, what it may send, and the contents that are still coming."""

    __slots__ = ("carriers", "reader", "understood")

    def __init__(self, side: Side) -> None:
        self.reader = FrameReader(expects_protocol_header=side == "client")
        self.understood = UNDERSTOOD[side]
        self.carriers: dict[int, _Carrier] = {}


class Conversation:
    """Follow both directions of one AMQP connection."""

    def __init__(self, client: str, connection: int) -> None:
        """Start at the first byte of a connection; the two arguments go into every event."""
        self._heard = Heard(client, connection)
        self._directions: dict[Side, _Direction] = {
            "client": _Direction("client"),
            "broker": _Direction("broker"),
        }
        self._decodable = True

    def receive(self, side: Side, data: bytes, at_ns: int) -> list[Event]:
        """Return the events that these bytes from ``side`` complete; never raises.

        Bytes that are not AMQP 0-9-1 give one ``Undecodable``; the connection is ignored then.
        """
        if not self._decodable:
            return []
        try:
            return self.receive_frames(side, self._directions[side].reader.receive(data), at_ns)
        except UndecodableBytesError as error:
            events = self.receive_frames(side, error.frames, at_ns)
            return events + self.give_up(side, error, at_ns)

    def receive_frames(self, side: Side, frames: Sequence[Frame], at_ns: int) -> list[Event]:
        """Return the events that these frames complete, for a caller with a reader of its own."""
        if not self._decodable:
            return []
        heard = self._heard
        heard.side, heard.at_ns, heard.events = side, at_ns, []
        direction = self._directions[side]
        for frame in frames:
            try:
                if frame.kind == "method":
                    self._receive_method(direction, frame)
                elif frame.kind == "header":
                    self._receive_header(direction, frame)
                elif frame.kind == "body":
                    self._receive_body(direction, frame)
            except UnexpectedError as error:
                undecodable = UndecodableBytesError(str(error), frame.raw[:SHOWN_BYTES])
                return heard.events + self.give_up(side, undecodable, at_ns)
            except UndecodableBytesError as error:
                return heard.events + self.give_up(side, error, at_ns)
        return heard.events

    def give_up(self, side: Side, error: UndecodableBytesError, at_ns: int) -> list[Event]:
        """Return the one ``Undecodable`` of this connection; from here on it is ignored."""
        if not self._decodable:
            return []
        self._decodable = False
        self._forget()
        return [
            Undecodable(
                at_ns=at_ns,
                client=self._heard.client,
                connection=self._heard.connection,
                by=side,
                reason=error.reason,
                bytes_hex=error.shown.hex(),
            )
        ]

    def channel(self, number: int) -> Channel | None:
        """Return what both sides have agreed on a channel, for others to look at."""
        return self._heard.channels.get(number)

    def unfinished_method(self, side: Side, number: int) -> str | None:
        """Return the method on a channel whose content is still coming from this side."""
        carrier = self._directions[side].carriers.get(number)
        return None if carrier is None else carrier.method

    def end(self) -> tuple[int, int]:
        """Return how many bytes of the client and of the broker did not complete a frame."""
        remainders = (
            self._directions["client"].reader.remainder_bytes,
            self._directions["broker"].reader.remainder_bytes,
        )
        self._forget()
        return remainders

    def _forget(self) -> None:
        self._heard.events = []
        self._heard.channels.clear()
        for direction in self._directions.values():
            direction.carriers.clear()
            direction.reader.forget()

    # ------------------------------------------------------------ frames

    def _receive_method(self, direction: _Direction, frame: Frame) -> None:
        method, number = frame.method, frame.channel
        if number in direction.carriers:
            carrier = direction.carriers[number]
            raise UnexpectedError(f"a {method} inside the content of a {carrier.method}")
        channel = self._heard.channels.get(number)
        if channel is None:
            channel = self._heard.channels[number] = Channel(number)
        finish = direction.understood.with_content.get(method)
        if finish is not None:
            carrier = _Carrier(method, channel, frame.arguments(), finish)
            direction.carriers[number] = carrier
            return
        handle = direction.understood.plain.get(method)
        if handle is not None:
            handle(self._heard, channel, frame.arguments())
        elif method in direction.understood.passed_over:
            frame.arguments()  # only to see that they are sound
        else:
            raise UnexpectedError(f"a {method} from the {self._heard.side}")

    def _receive_header(self, direction: _Direction, frame: Frame) -> None:
        carrier = direction.carriers.get(frame.channel)
        if carrier is None or carrier.content is not None:
            raise UnexpectedError("a content header without its method")
        content = carrier.content = Content(*frame.content_header())
        if not content.missing_bytes:
            del direction.carriers[frame.channel]
            carrier.finish(self._heard, carrier.channel, carrier.arguments, content)

    def _receive_body(self, direction: _Direction, frame: Frame) -> None:
        carrier = direction.carriers.get(frame.channel)
        if carrier is None or carrier.content is None:
            raise UnexpectedError("a content body without its header")
        content = carrier.content
        content.add(frame.payload)
        if content.missing_bytes > 0:
            return
        if content.missing_bytes < 0:
            raise UnexpectedError(f"more body than the {content.body_bytes} bytes announced")
        del direction.carriers[frame.channel]
        carrier.finish(self._heard, carrier.channel, carrier.arguments, content)
