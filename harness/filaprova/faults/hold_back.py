"""Faults: what a tap may do to the frames that pass, one small class each.

A fault is asked about each whole frame from the moment on at which it is armed; a frame of which
a part had gone out before still goes out whole. Faults do not alter bytes.
"""

from __future__ import annotations

import contextlib
from typing import Protocol

from filaprova.amqp.frames import Frame, UndecodableBytesError
from filaprova.record.wire import Side

SETTLEMENTS = frozenset(("basic.ack", "basic.nack", "basic.reject"))


class Fault(Protocol):
    """Decides about the frames of one side."""

    @property
    def side(self) -> Side:
        """Return whose frames it is asked about."""

    @property
    def proof(self) -> str | None:
        """Return what shows that it took effect; None until it has."""

    def passes(self, frame: Frame | None) -> bool:
        """Tell whether a frame goes on; what does not is recorded as ``Withheld`` only.

        None stands for bytes that are not frames.
        """


class HoldBack:
    """Hold back everything that one side sends, and never send it: a cable cut in one direction.

    What is held is told to the record and dropped, so that it needs no memory here.
    Heartbeats are held back too, but do not prove anything: the other side learns of the cut only
    by missing them.
    """

    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.proof: str | None = None

    def passes(self, frame: Frame | None) -> bool:
        """Return False."""
        if self.proof is None and (frame is None or frame.kind != "heartbeat"):
            self.proof = f"held back {_description(frame)}"
        return False


def _description(frame: Frame | None) -> str:
    if frame is None:
        return "bytes that are not AMQP 0-9-1"
    name = frame.method or frame.kind
    if frame.kind == "protocol header":
        return f"the {name}"
    where = f"channel {frame.channel}"
    if frame.method in SETTLEMENTS:
        with contextlib.suppress(UndecodableBytesError):  # broken or not, it is held back
            return f"{name} of delivery {frame.arguments()[0]} on {where}"
    return f"{name} on {where}" if frame.method else f"a {name} frame on {where}"
