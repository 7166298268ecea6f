"""Frames that never reach the other side -> what they would have said, to put it on the record.

The conversation of the connection is looked at and not changed: the other side has heard nothing.
A method that carries a content is told once its content is whole, so that its task is known; what
is missing then is told at the end. The rest of a content whose method had gone out before is told
once, by that method's name.

A settlement or confirm of several is told once for each, and for each only the first time: so it
is for the side that believes to have sent it.

Memory: 256 bytes of an unfinished body for each channel, and the tags that were told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from filaprova.amqp.agreed import Arguments, Channel, meant
from filaprova.amqp.content import Content
from filaprova.amqp.conversation import Conversation
from filaprova.amqp.frames import Frame, UndecodableBytesError
from filaprova.record.wire import Side

NOT_FRAMES = "bytes that are not AMQP 0-9-1"

_ANSWERS = frozenset(("basic.ack", "basic.nack", "basic.reject"))
_DELIVERY_TAG_AT = {"basic.deliver": 1, "basic.get-ok": 0}
_CONTENT_METHODS = frozenset(("basic.publish", "basic.return", *_DELIVERY_TAG_AT))


class Unsaid(NamedTuple):
    """One thing that was sent and did not arrive."""

    what: str
    """The method; ``heartbeat``, ``protocol header``, or what else it was."""
    channel: int
    task: str | None = None
    delivery_tag: int | None = None
    """Of a delivery or its settlement; a confirm has none."""


class WithheldFrames:
    """What one side has sent and the other does not get."""

    def __init__(self, side: Side, conversation: Conversation) -> None:
        """Begin with nothing; ``conversation`` knows the tasks of deliveries and publishes."""
        self._side: Side = side
        self._conversation = conversation
        self._unfinished: dict[int, tuple[str, Arguments, Content | None]] = {}
        self._answered: dict[int, tuple[Channel, set[int]]] = {}
        """The tags that were settled, or confirmed, on each channel as it is now."""
        self._told: set[int] = set()
        """Channels on which the rest of a content has been told of."""
        self._not_frames = False

    def receive(self, frames: Sequence[Frame]) -> list[Unsaid]:
        """Return what these frames complete."""
        return [unsaid for frame in frames for unsaid in self._receive(frame)]

    def receive_other_bytes(self) -> list[Unsaid]:
        """Hear of bytes that are no frames; tell so the first time."""
        if self._not_frames:
            return []
        self._not_frames = True
        return [Unsaid(NOT_FRAMES, 0)]

    def end(self) -> list[Unsaid]:
        """Return the methods whose content has not come whole; nothing is kept any more."""
        unfinished, self._unfinished = self._unfinished, {}
        return [
            Unsaid(method, channel, None, _delivery_tag(method, arguments))
            for channel, (method, arguments, _) in unfinished.items()
        ]

    def _receive(self, frame: Frame) -> Iterator[Unsaid]:
        channel = frame.channel
        if frame.kind == "method":
            yield from self._cut_off(channel)
            self._told.discard(channel)
            yield from self._method(frame)
        elif frame.kind in ("header", "body"):
            yield from self._content(frame)
        else:
            yield Unsaid(frame.kind, channel)

    def _method(self, frame: Frame) -> Iterator[Unsaid]:
        method, channel = frame.method, frame.channel
        try:
            arguments = frame.arguments()
        except UndecodableBytesError:
            yield Unsaid(method, channel)
            return
        if method in _CONTENT_METHODS:
            self._unfinished[channel] = method, arguments, None
            return
        if method in _ANSWERS:
            yield from self._answer(method, channel, *arguments)
        else:
            yield Unsaid(method, channel)

    def _answer(self, method: str, number: int, tag: int, bits: int) -> Iterator[Unsaid]:
        of_deliveries = self._side == "client"
        tasks: dict[int, str] = {}
        channel = self._conversation.channel(number)
        if channel is not None:
            known, answered = self._answered.get(number, (None, set[int]()))
            if known is not channel:  # it was opened anew; its tags begin again
                answered = set()
                self._answered[number] = channel, answered
            multiple = method != "basic.reject" and bool(bits & 0b1)
            if of_deliveries:
                tags = channel.settleable(tag, multiple)
                tasks = {each: channel.unsettled[each][0] for each in tags}
            else:
                tags = meant(channel.unconfirmed, tag, multiple)
                tasks = {each: channel.unconfirmed[each] for each in tags}
            tasks = {each: task for each, task in tasks.items() if each not in answered}
            answered.update(tasks)
        for each, task in tasks.items() or ((tag, None),):
            yield Unsaid(method, number, task, each if of_deliveries else None)

    def _content(self, frame: Frame) -> Iterator[Unsaid]:
        channel = frame.channel
        if channel not in self._unfinished:
            if channel not in self._told:
                self._told.add(channel)
                begun = self._conversation.unfinished_method(self._side, channel)
                yield Unsaid(begun or f"content {frame.kind}", channel)
            return
        method, arguments, content = self._unfinished[channel]
        try:
            if frame.kind == "header" and content is None:
                content = Content(*frame.content_header())
            elif frame.kind == "body" and content is not None:
                content.add(frame.payload)
            else:
                yield from self._cut_off(channel)
                return
        except UndecodableBytesError:
            yield from self._cut_off(channel)
            return
        self._unfinished[channel] = method, arguments, content
        if content.missing_bytes <= 0:
            del self._unfinished[channel]
            tag = _delivery_tag(method, arguments)
            yield Unsaid(method, channel, content.identity()[0], tag)

    def _cut_off(self, channel: int) -> Iterator[Unsaid]:
        """Tell of a method whose content will not come whole any more."""
        if channel in self._unfinished:
            method, arguments, _ = self._unfinished.pop(channel)
            self._told.add(channel)
            yield Unsaid(method, channel, None, _delivery_tag(method, arguments))


def _delivery_tag(method: str, arguments: Arguments) -> int | None:
    at = _DELIVERY_TAG_AT.get(method)
    return None if at is None else arguments[at]
