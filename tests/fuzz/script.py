"""A script: a whole conversation in one input of a fuzzer, such that most changes leave it whole.

Two octets choose in which pieces the bytes come and how the connection ends. Then, for each turn:
one octet says who speaks and how (below), two say how many octets follow, and those are the turn's
bytes. In a wrapped turn they are the payload of a frame, whose head and end mark are made here, so
that a fuzzer need not guess lengths; in a raw turn they are what is sent.

    bit 0      the broker speaks, else the client
    bits 1-3   0 raw, 1 method, 2 content header, 3 body, 4 heartbeat, 5-7 raw
    bits 4-5   the channel of a wrapped turn
    bit 6      before it, everything of this side is held back from now on (for a tap)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from filaprova.record.wire import Side
from tests.harness.amqp.bytes import frame

TURN_LIMIT_BYTES = 0xFFFF
HOLD_BACK = 0x40
_TYPES = {1: 1, 2: 2, 3: 3, 4: 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side sends at once."""

    side: Side
    data: bytes
    hold_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Turns, the seed of the pieces they come in, and the number of a way to end."""

    turns: list[Turn]
    seed: int
    ending: int

    def pieces(self) -> Iterator[tuple[Side, bytes]]:
        """Yield all that is said, each turn in pieces of random sizes, many of them tiny."""
        sizes = random.Random(self.seed)
        for turn in self.turns:
            for piece in cut(turn.data, sizes):
                yield turn.side, piece

    def stream(self, side: Side) -> bytes:
        """Return all that one side says."""
        return b"".join(turn.data for turn in self.turns if turn.side == side)


def cut(data: bytes, sizes: random.Random) -> Iterator[bytes]:
    """Yield the pieces of some bytes."""
    offset = 0
    while offset < len(data):
        size = sizes.choice((1, 1, 2, 3, 7, 8, sizes.randint(1, 40), sizes.randint(1, 2000)))
        yield data[offset : offset + size]
        offset += size


def read_script(data: bytes) -> Script:
    """Read any bytes as a script."""
    turns: list[Turn] = []
    offset = 2
    while offset < len(data):
        how = data[offset]
        start = offset + 3
        offset = start + int.from_bytes(data[offset + 1 : start], "big")
        said = data[start:offset]
        kind = _TYPES.get(how >> 1 & 0b111)
        if kind is not None:
            said = frame(kind, how >> 4 & 0b11, said)
        turns.append(
            Turn(side="broker" if how & 1 else "client", data=said, hold_back=bool(how & HOLD_BACK))
        )
    return Script(turns=turns, seed=data[0] if data else 0, ending=data[1] if data[1:] else 0)


def write_script(turns: Iterable[Turn], *, seed: int = 0, ending: int = 0) -> bytes:
    """Return the input of which ``read_script`` makes these turns, a wrapped turn each frame."""
    written = bytearray((seed, ending))
    for turn in turns:
        how_first = HOLD_BACK if turn.hold_back else 0
        for how, said in _wrapped(turn.data):
            written.append(how | how_first | (turn.side == "broker"))
            written += len(said).to_bytes(2, "big") + said
            how_first = 0
    return bytes(written)


def _wrapped(data: bytes) -> Iterator[tuple[int, bytes]]:
    wrappers = {kind: wrapper for wrapper, kind in _TYPES.items()}
    while data:
        kind, channel = data[0], int.from_bytes(data[1:3], "big")
        end = 7 + int.from_bytes(data[3:7], "big")
        if kind not in wrappers or channel > 3 or data[end : end + 1] != b"\xce":
            yield 0, data[:TURN_LIMIT_BYTES]
            data = data[TURN_LIMIT_BYTES:]
        else:
            yield wrappers[kind] << 1 | channel << 4, data[7:end]
            data = data[end + 1 :]
