"""A real tap between two sockets: what comes in goes out, whatever it is and whatever it means."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import structs

from filaprova.address import Address
from filaprova.amqp.conversation import Conversation
from filaprova.faults.hold_back import HoldBack
from filaprova.judge.verdict import Outcome
from filaprova.record.act import FaultLanded, HarnessTrouble, HistoryOpened, Withheld
from filaprova.record.event import SCHEMA, Event
from filaprova.record.history import History
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Side, WireEvent
from filaprova.wiretap.tap import Tap, Wiretap
from tests.fuzz.oracle import Frames, split
from tests.fuzz.script import Script, Turn, read_script
from tests.fuzz.targets.record import CHECKS
from tests.patience import PATIENCE_S

LIMIT_S = PATIENCE_S
CHUNK_BYTES = 1 << 16
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER with which closing a socket resets its connection."""

OTHER: dict[Side, Side] = {"client": "broker", "broker": "client"}
ENDINGS = ("client", "broker", "client resets", "broker resets")


@contextmanager
def examiner() -> Iterator[Callable[[bytes], None]]:
    """Open what all scripts share: an observer, and a socket that listens like a broker."""
    with (
        Background() as background,
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory() as folder,
    ):
        listener.settimeout(LIMIT_S)
        path = Path(folder) / "history.jsonl"
        yield lambda data: examine(read_script(data), background, listener, path)


def examine(script: Script, background: Background, listener: socket.socket, path: Path) -> None:
    recorder = Recorder(path)
    recorder.record(
        HistoryOpened(at_ns=0, schema=SCHEMA, scenario="fuzz", started_at="2026-01-01", seed=1)
    )
    address = Address(*listener.getsockname())
    wiretap = Wiretap(background, recorder, lambda: address)
    with ExitStack() as stack:
        stack.callback(recorder.close)
        stack.callback(wiretap.close)
        tap = wiretap.open("C1")
        client = stack.enter_context(socket.create_connection(tap.address, timeout=LIMIT_S))
        broker = stack.enter_context(listener.accept()[0])
        broker.settimeout(LIMIT_S)
        for end in (client, broker):  # or small writes wait for each other's acknowledgement
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        play = Play(tap, {"client": client, "broker": broker})
        for turn in script.turns:
            play.say(turn)
        play.end(ENDINGS[script.ending % len(ENDINGS)])
    assert background.take_errors() == [], "the tap had trouble of its own"
    check_record(play, list(recorder.history()), History.load(path))


class Play:
    """Plays the two sides of a connection, and knows what must have reached the other."""

    def __init__(self, tap: Tap, sockets: dict[Side, socket.socket]) -> None:
        self.sent: dict[Side, bytearray] = {"client": bytearray(), "broker": bytearray()}
        self.came: dict[Side, bytearray] = {"client": bytearray(), "broker": bytearray()}
        """What came out of the tap of what each side sent."""
        self.passed: list[tuple[Side, bytes]] = []
        """What came out of it turn by turn."""
        self.held_from: dict[Side, int] = {}
        """How much each side had sent when it began to be held back."""
        self._tap = tap
        self._sockets = sockets

    def say(self, turn: Turn) -> None:
        """Say a turn and wait until it is through, or is known to be held back."""
        side = turn.side
        if turn.hold_back and side not in self.held_from:
            self._tap.dry(timeout_s=LIMIT_S)
            self._tap.arm(HoldBack(side))
            self.held_from[side] = len(self.sent[side])
        came_before = len(self.came[side])
        self._sockets[side].sendall(turn.data)
        self.sent[side] += turn.data
        if side in self.held_from:
            self._tap.dry(timeout_s=LIMIT_S)
            self._read_what_is_there(side)
        else:
            self._read(side, len(turn.data))
        self.passed.append((side, bytes(self.came[side][came_before:])))

    def end(self, how: str) -> None:
        """End the connection in one of the ``ENDINGS``; read both sides to their ends."""
        first: Side = "broker" if how.startswith("broker") else "client"
        second = OTHER[first]
        if how.endswith("resets"):
            for side in (first, second):
                self._sockets[side].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self._sockets[first].close()
            self._read_to_end(first)
        else:
            self._sockets[first].shutdown(socket.SHUT_WR)
            self._read_to_end(first)
            self._sockets[second].shutdown(socket.SHUT_WR)
            self._read_to_end(second)
        self._check()

    def _read(self, side: Side, size_bytes: int) -> None:
        reader = self._sockets[OTHER[side]]
        while size_bytes:
            data = reader.recv(min(size_bytes, CHUNK_BYTES))
            assert data, "the tap ended a connection that nobody had ended"
            self.came[side] += data
            size_bytes -= len(data)

    def _read_what_is_there(self, side: Side) -> None:
        reader = self._sockets[OTHER[side]]
        while select.select([reader], [], [], 0)[0] and (data := reader.recv(CHUNK_BYTES)):
            self.came[side] += data

    def _read_to_end(self, side: Side) -> None:
        reader = self._sockets[OTHER[side]]
        with contextlib.suppress(ConnectionResetError):
            while data := reader.recv(CHUNK_BYTES):
                self.came[side] += data

    def _check(self) -> None:
        for side in self.sent:
            sent, came = bytes(self.sent[side]), bytes(self.came[side])
            least, most = passable_bytes(side, sent, self.held_from.get(side, len(sent)))
            assert sent.startswith(came), f"bytes of the {side} were altered"
            assert least <= len(came) <= most, f"bytes of the {side} were lost, or let through"


def passable_bytes(side: Side, stream: bytes, held_from: int) -> tuple[int, int]:
    """Return how many bytes at least and at most go out of a stream that is held back from there.

    A frame that had begun goes out whole. Where it turns out not to be one, what of it came before
    that was seen goes out.
    """
    begun = split(side, stream[:held_from])
    if begun.broken or not begun.rest:
        return held_from, held_from
    every = split(side, stream)
    border = 0
    for frame in every.whole:
        border += len(frame)
        if border >= held_from:
            return border, border
    return (held_from, len(stream)) if every.broken else (len(stream), len(stream))


def check_record(play: Play, events: list[Event], loaded: History) -> None:
    """The record has what passed, the file has the record, and broken bytes make no PASS."""
    assert list(loaded) == events
    assert not loaded.of(HarnessTrouble), "the tap has counted wrongly, or lost something"
    streams = {side: split(side, bytes(stream)) for side, stream in play.sent.items()}
    if not (play.held_from and any(stream.broken for stream in streams.values())):
        assert decoded(events) == plain(play.passed), "the tap tells another story"
    landed = [event for event in events if isinstance(event, FaultLanded)]
    assert len(landed) <= len(play.held_from)
    if any(held(play, side, stream) for side, stream in streams.items()):
        assert landed, "a fault held something back and did not say so"
    withheld = {event.by for event in events if isinstance(event, Withheld)}
    assert withheld <= set(play.held_from), "something was withheld, and no fault was armed"
    for side, stream in streams.items():
        if held(play, side, stream):
            assert side in withheld, "what was withheld is not on the record"
    passed = {side: split(side, bytes(stream)) for side, stream in play.came.items()}
    if any(stream.broken for stream in passed.values()):
        outcomes = {check.judge(loaded).outcome for check in CHECKS}
        assert outcomes == {Outcome.UNKNOWN}, "broken bytes, and no doubt"


def held(play: Play, side: Side, stream: Frames) -> bool:
    """Tell whether something of this side that is no heartbeat must have been held back."""
    kept = bytes(play.sent[side][len(play.came[side]) :])
    if stream.broken:
        return bool(kept)
    whole = kept[: max(0, len(kept) - len(stream.rest))]
    return any(whole[at] != 8 for at in range(0, len(whole), 8))


def decoded(events: Sequence[Event]) -> list[Event]:
    return [
        structs.replace(event, at_ns=0)
        for event in events
        if isinstance(event, WireEvent) and not type(event).__name__.startswith("Socket")
    ]


def plain(said: Sequence[tuple[Side, bytes]]) -> list[Event]:
    conversation = Conversation("C1", 1)
    return [event for side, data in said for event in conversation.receive(side, data, 0)]
