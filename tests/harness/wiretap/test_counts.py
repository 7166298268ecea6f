"""Every byte is read, and then forwarded, withheld or undeliverable; else the tap has trouble."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from filaprova.faults.hold_back import HoldBack
from filaprova.record.act import HarnessTrouble
from filaprova.record.event import Event
from filaprova.record.observer import Background
from filaprova.record.recorder import Recorder
from filaprova.record.wire import Delivered, Published, Side, SocketClosed
from filaprova.waiting import wait_until
from filaprova.wiretap import end as end_module
from filaprova.wiretap.connection import Connection
from filaprova.wiretap.end import End
from filaprova.wiretap.tap import Tap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.test_life_cycle import standing_still
from tests.harness.wiretap.wire import (
    HEARTBEAT,
    OPEN_CHANNEL,
    TIMEOUT_S,
    ack,
    deliver,
    publish,
    read,
    read_to_end,
)

Join = Callable[[], tuple[socket.socket, ...]]
WaitFor = Callable[..., Event]


def figures(event: Event, side: Side) -> tuple[int, ...]:
    """Return what was read of a side, forwarded, withheld, and undeliverable."""
    names = ("read", "forwarded", "withheld", "undeliverable")
    return tuple(getattr(event, f"{side}_{name}_bytes") for name in names)


def test_what_passes_is_counted_on_both_sides(
    join: Join, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = join()
    up, down = OPEN_CHANNEL + publish(b"a")[:-3], deliver(1, b"b") * 7 + HEARTBEAT[:5]
    client.sendall(up)
    broker.sendall(down)
    read(client, len(down))
    client.close()
    assert read_to_end(broker) == up
    closed = wait_for(SocketClosed, by="client")
    assert isinstance(closed, SocketClosed)
    assert (closed.client_remainder_bytes, closed.broker_remainder_bytes) == (6, 5)
    assert figures(closed, "client") == (len(up), len(up), 0, 0)
    assert figures(closed, "broker") == (len(down), len(down), 0, 0)
    assert recorder.history().of(HarnessTrouble) == []


@pytest.mark.parametrize("unfinished", [0, 1, 6, 7, 12])
def test_what_a_fault_withholds_is_counted(
    unfinished: int, join: Join, tap: Tap, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    tap.dry(timeout_s=5.0)
    tap.arm(HoldBack("client"))
    tap.arm(HoldBack("broker"))
    client.sendall(ack(1) + publish(b"x") + ack(2)[:unfinished])
    broker.sendall(deliver(1, b"y") + HEARTBEAT[: unfinished // 2])
    tap.dry(timeout_s=5.0)
    client.close()
    closed = wait_for(SocketClosed, by="client")
    kept = len(ack(1) + publish(b"x")) + unfinished
    assert figures(closed, "client") == (len(OPEN_CHANNEL) + kept, len(OPEN_CHANNEL), kept, 0)
    kept = len(deliver(1, b"y")) + unfinished // 2
    assert figures(closed, "broker") == (kept, 0, kept, 0)
    broker.close()
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert recorder.history().of(HarnessTrouble) == []


@pytest.mark.parametrize("cut", [1, 7, 15])
def test_a_frame_that_is_half_out_is_forwarded_and_not_withheld(
    cut: int, join: Join, tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL + ack(1)[:cut])
    read(broker, len(OPEN_CHANNEL) + cut)
    tap.dry(timeout_s=5.0)
    tap.arm(HoldBack("client"))
    client.sendall(ack(1)[cut:] + ack(2) + b"\xff" * 100)
    client.close()
    assert read_to_end(broker) == ack(1)[cut:]
    closed = wait_for(SocketClosed, by="client")
    passed, kept = len(OPEN_CHANNEL + ack(1)), len(ack(2)) + 100
    assert figures(closed, "client") == (passed + kept, passed, kept, 0)


def test_what_nobody_can_take_any_more_is_no_loss_of_the_tap(
    join: Join, background: Background, recorder: Recorder, tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    (connection,) = tap._connections
    with standing_still(background):
        broker.close()
        client.sendall(publish(b"to nobody"))
    closed = wait_for(SocketClosed, by="broker")
    assert figures(closed, "client")[0] == sum(figures(closed, "client")[1:])
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert connection.client_end.read_bytes == len(OPEN_CHANNEL + publish(b"to nobody"))
    assert connection.broker_end is not None
    assert connection.broker_end.refused_bytes == len(publish(b"to nobody"))
    assert recorder.history().of(HarnessTrouble) == []


@pytest.mark.parametrize("side", ["client", "broker"])
def test_what_comes_while_the_other_socket_breaks_is_undeliverable(
    side: Side,
    join: Join,
    background: Background,
    recorder: Recorder,
    tap: Tap,
    wait_for: WaitFor,
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    (connection,) = tap._connections
    assert connection.broker_end is not None
    ends = connection.client_end, connection.broker_end
    sender, other = ends if side == "client" else ends[::-1]
    passed_bytes = sender.read_bytes
    said = publish(b"x") if side == "client" else deliver(1, b"x")

    async def breaks() -> None:
        other.transport.abort()
        sender.data_received(said)
        sender.data_received(said)

    background.run(breaks())
    closed = wait_for(SocketClosed, by="broker" if side == "client" else "client")
    lost_bytes = 2 * len(said)
    expected = (passed_bytes + lost_bytes, passed_bytes, 0, lost_bytes)
    assert figures(closed, side) == expected
    assert recorder.history().of(HarnessTrouble) == []


@pytest.mark.parametrize("side", ["client", "broker"])
def test_what_arrives_as_the_tap_closes_is_neither_passed_on_nor_recorded(
    side: Side,
    join: Join,
    background: Background,
    recorder: Recorder,
    tap: Tap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    (connection,) = tap._connections
    assert connection.broker_end is not None
    ends = connection.client_end, connection.broker_end
    sender, other = ends if side == "client" else ends[::-1]
    said = publish(b"x") if side == "client" else deliver(1, b"x")
    monkeypatch.setattr(end_module, "READ_BYTES", 10)
    with standing_still(background):
        background.loop.call_soon_threadsafe(connection.close)
        (client if side == "client" else broker).sendall(said)
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert (other.written_bytes, other.refused_bytes) == (
        sender.read_bytes - len(said),
        len(said),
    )
    history = recorder.history()
    assert [event.by for event in history.of(SocketClosed)] == ["fault"]
    assert not [*history.of(Published), *history.of(Delivered), *history.of(HarnessTrouble)]


@pytest.mark.parametrize("side", ["client", "broker"])
def test_bytes_that_the_tap_loses_are_its_own_trouble(
    side: Side,
    join: Join,
    tap: Tap,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    wait_for: WaitFor,
) -> None:
    write = End.write

    def lose_one(end: End, data: bytes) -> None:
        write(end, data[1:] if end.side != side and len(data) > 100 else data)

    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    monkeypatch.setattr(End, "write", lose_one)
    said = publish(b"x" * 200) if side == "client" else deliver(1, b"x" * 200)
    (client if side == "client" else broker).sendall(said)
    assert read(broker if side == "client" else client, len(said) - 1) == said[1:]
    client.close()
    wait_for(SocketClosed, by="client")
    trouble = wait_for(HarnessTrouble, where="the tap of C1")
    total = len(said) + (len(OPEN_CHANNEL) if side == "client" else 0)
    assert trouble.error == (  # type: ignore[attr-defined]
        f"of {total} bytes from the {side} on connection 1, {total - 1} were forwarded, "
        "0 withheld by a fault and 0 undeliverable"
    )
    assert read_to_end(broker) == b""
    broker.close()
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert len(recorder.history().of(HarnessTrouble)) == 1


def test_bytes_that_are_ignored_are_its_own_trouble(
    join: Join, monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    monkeypatch.setattr(Connection, "received", lambda *_: None)
    client.sendall(publish(b"x"))
    client.close()
    assert read_to_end(broker) == b""
    wait_for(HarnessTrouble, where="the tap of C1")


def test_bytes_that_are_lost_after_the_client_s_end_are_noticed_too(
    join: Join,
    recorder: Recorder,
    broker: PlayedBroker,
    monkeypatch: pytest.MonkeyPatch,
    wait_for: WaitFor,
) -> None:
    client, accepted = join()
    client.sendall(OPEN_CHANNEL)
    client.close()
    read_to_end(accepted)
    wait_for(SocketClosed, by="client")
    assert recorder.history().of(HarnessTrouble) == []
    monkeypatch.setattr(Connection, "received", lambda *_: None)
    accepted.sendall(deliver(1, b"x"))
    broker.stop()
    wait_for(HarnessTrouble, where="the tap of C1")
