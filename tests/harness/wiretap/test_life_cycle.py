"""How connections begin and end: addresses, refusals, holding, each way of closing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import struct
import sys
import threading
from asyncio import selector_events
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from filaprova.address import Address
from filaprova.errors import TimedOut
from filaprova.record.event import Event
from filaprova.record.observer import Background, origin
from filaprova.record.recorder import Recorder
from filaprova.record.wire import (
    Delivered,
    Published,
    SocketClosed,
    SocketOpened,
    SocketRefused,
)
from filaprova.waiting import Waited, wait_until, waits_told_to
from filaprova.wiretap import connection as connection_module
from filaprova.wiretap import tap as tap_module
from filaprova.wiretap.tap import FLUSH_LIMIT_S, READ_OUT_LIMIT_S, Tap, Wiretap
from tests.harness.wiretap.conftest import PlayedBroker
from tests.harness.wiretap.wire import (
    OPEN_CHANNEL,
    TIMEOUT_S,
    connect,
    deliver,
    publish,
    read,
    read_to_end,
)

Join = Callable[[], tuple[socket.socket, ...]]
WaitFor = Callable[..., Event]


def reset(connection: socket.socket) -> None:
    """End a connection as the kernel does for a program that dies with unread bytes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_the_address_outlives_the_broker(
    join: Join, tap: Tap, broker: PlayedBroker, wait_for: WaitFor
) -> None:
    address = tap.address
    assert address.host == "127.0.0.1"
    client, _ = join()
    wait_for(SocketOpened, connection=1)
    broker.stop()
    assert read_to_end(client) == b""
    broker.start()
    client, other_end = join()
    client.sendall(OPEN_CHANNEL)
    assert read(other_end, len(OPEN_CHANNEL)) == OPEN_CHANNEL
    wait_for(SocketOpened, connection=2)
    assert tap.address == address


def test_a_broker_that_is_down_refuses(tap: Tap, broker: PlayedBroker, wait_for: WaitFor) -> None:
    broker.stop()
    with connect(tap.address) as client:
        assert read_to_end(client) == b""
    refused = wait_for(SocketRefused, client="C1", connection=1)
    assert "Connect call failed" in refused.reason  # type: ignore[attr-defined]


def test_a_broker_that_does_not_answer_refuses(
    tap: Tap, background: Background, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(background.loop, "create_connection", never)
    monkeypatch.setattr(connection_module, "CONNECT_TIMEOUT_S", 0.05)
    with connect(tap.address) as client:
        assert read_to_end(client) == b""
    wait_for(SocketRefused, client="C1", connection=1, reason="TimeoutError")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a machine has one such address")
def test_the_broker_is_where_it_says_it_is(background: Background, recorder: Recorder) -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        server.settimeout(TIMEOUT_S)
        wiretap = Wiretap(background, recorder, lambda: Address(*server.getsockname()))
        with connect(wiretap.open("C1").address) as client:
            accepted, _ = server.accept()
            client.sendall(OPEN_CHANNEL)
            assert read(accepted, len(OPEN_CHANNEL)) == OPEN_CHANNEL
        accepted.close()
        wiretap.close()


def test_connections_are_counted_over_all_clients(
    wiretap: Wiretap, broker: PlayedBroker, wait_for: WaitFor
) -> None:
    for number, name in enumerate(("a", "b", "a"), start=1):
        with connect(wiretap.open(name).address):
            broker.accept()
            wait_for(SocketOpened, client=name, connection=number)
    assert wiretap.clients == {"a", "b"}


@pytest.mark.parametrize("end", [socket.socket.close, reset])
def test_the_client_ends(
    end: Callable[[socket.socket], None], join: Join, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL + publish(b"last"))
    wait_for(SocketOpened)
    client.sendall(publish(b"broken")[:5])
    if end is reset:
        wait_for(Published)  # what a reset overtakes may be lost, as without a tap
    end(client)
    expected = OPEN_CHANNEL + publish(b"last") + publish(b"broken")[:5]
    assert read_to_end(broker)[: len(expected) - 5] == expected[:-5]
    closed = wait_for(SocketClosed, by="client")
    assert len(recorder.history().of(Published)) == 1
    if end is socket.socket.close:
        assert closed.client_remainder_bytes == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize("end", [socket.socket.close, reset])
def test_the_broker_ends(
    end: Callable[[socket.socket], None], join: Join, wait_for: WaitFor
) -> None:
    client, broker = join()
    broker.sendall(deliver(1, b"last"))
    assert read(client, 1) == deliver(1, b"last")[:1]
    end(broker)
    assert read_to_end(client) == deliver(1, b"last")[1:]
    wait_for(SocketClosed, by="broker")


def test_what_is_pushed_to_a_client_that_has_left_is_on_record(
    join: Join, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    client.close()
    assert read_to_end(broker) == b""
    wait_for(SocketClosed, by="client")
    broker.sendall(deliver(1, b"too late"))
    broker.close()
    wait_for(Delivered, task="too late")
    assert len(recorder.history().of(SocketClosed)) == 1


def test_what_is_pushed_to_a_client_that_has_died_full_is_on_record(
    join: Join, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    piece = deliver(1, b"x" * 50_000)
    written = write_all_it_takes(broker, piece)
    reset(client)
    assert read_to_end(broker) == b""
    wait_for(SocketClosed, by="client")
    broker.sendall(piece[written % len(piece) :] + deliver(2, b"too late"))
    broker.close()
    wait_for(Delivered, task="too late")


def test_a_broker_that_does_not_close_after_its_client_is_left(
    join: Join, tap: Tap, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "BROKER_CLOSE_LIMIT_S", 0.05)
    client, broker = join()
    client.close()
    wait_for(SocketClosed, by="client")
    wait_until(lambda: not tap._connections, what="the end", timeout_s=TIMEOUT_S)
    assert read_to_end(broker) == b""


def test_a_client_that_only_stops_sending_still_hears_the_broker(join: Join) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    client.shutdown(socket.SHUT_WR)
    assert read_to_end(broker) == OPEN_CHANNEL
    broker.sendall(deliver(1, b"x") * 1000)
    broker.close()
    assert read_to_end(client) == deliver(1, b"x") * 1000


def test_held_clients_get_through_in_their_order(
    tap: Tap, broker: PlayedBroker, recorder: Recorder, wait_for: WaitFor
) -> None:
    tap.hold()
    clients = [connect(tap.address) for _ in range(3)]
    for number, client in enumerate(clients):
        client.sendall(OPEN_CHANNEL + publish(b"%d" % number))
    tap.dry(timeout_s=5.0)
    assert not broker.has_a_caller()
    assert len(recorder) == 0
    tap.release()
    for number in range(3):
        wait_for(Published, task=str(number), connection=number + 1)
    for client in clients:
        client.close()


def test_held_taps_are_counted_as_they_are_released(
    wiretap: Wiretap, broker: PlayedBroker, wait_for: WaitFor
) -> None:
    first, second = wiretap.open("C1"), wiretap.open("C2")
    first.hold()
    second.hold()
    with connect(second.address), connect(first.address):
        first.release()
        wait_for(SocketOpened, client="C1", connection=1)
        second.release()
        wait_for(SocketOpened, client="C2", connection=2)
    broker.accept()


@contextlib.contextmanager
def standing_still(background: Background) -> Iterator[None]:
    """Keep the observer's loop from reading anything while the body runs."""
    stands, may_run = threading.Event(), threading.Event()

    def stand() -> None:
        stands.set()
        may_run.wait(TIMEOUT_S)

    background.loop.call_soon_threadsafe(stand)
    assert stands.wait(TIMEOUT_S)
    try:
        yield
    finally:
        may_run.set()


def test_a_failed_write_does_not_lose_what_came_before_it(
    join: Join, background: Background, recorder: Recorder, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    with standing_still(background):
        broker.sendall(deliver(1, b"too late"))
        client.sendall(publish(b"last"))
        reset(client)
    assert read_to_end(broker) == publish(b"last")
    wait_for(SocketClosed, by="client")
    assert [event.task for event in recorder.history().of(Published)] == ["last"]


def test_what_comes_after_the_broker_s_end_is_not_recorded(
    join: Join, background: Background, recorder: Recorder, tap: Tap, wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    with standing_still(background):
        broker.close()
        client.sendall(publish(b"to nobody"))
    wait_for(SocketClosed, by="broker")
    tap.close()
    assert recorder.history().of(Published) == []


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a closing tap wait for longer than a test may take."""
    monkeypatch.setattr(tap_module, "READ_OUT_LIMIT_S", 10 * TIMEOUT_S)
    monkeypatch.setattr(tap_module, "FLUSH_LIMIT_S", 10 * TIMEOUT_S)


@pytest.fixture
def closing(tap: Tap, background: Background) -> Callable[[], Future[None]]:
    """Have the tap closed beside the test."""
    return lambda: asyncio.run_coroutine_threadsafe(tap.close_on_loop(), background.loop)


def write_all_it_takes(connection: socket.socket, piece: bytes) -> int:
    connection.setblocking(False)
    written = 0
    while select.select([], [connection], [], 0.2)[1]:
        written += connection.send(piece[written % len(piece) :])
    connection.settimeout(TIMEOUT_S)
    return written


@pytest.mark.usefixtures("patient")
def test_close_reads_out_clients_that_have_ended(
    join: Join, closing: Callable[[], Future[None]], recorder: Recorder, wait_for: WaitFor
) -> None:
    """The broker takes nothing until all of it is read."""
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    task = publish(b"x" * 50_000)
    written = write_all_it_takes(client, task)
    client.close()
    closed = closing()
    wait_for(SocketClosed, by="client")
    read_to_end(broker)
    broker.close()
    closed.result(TIMEOUT_S)
    history = recorder.history()
    assert len(history.of(SocketClosed)) == 1
    assert len(history.of(Published)) == written // len(task)


@pytest.mark.usefixtures("patient")
def test_close_hears_a_broker_out_whose_client_has_ended(
    join: Join,
    closing: Callable[[], Future[None]],
    background: Background,
    wait_for: WaitFor,
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    client.close()
    assert read_to_end(broker) == OPEN_CHANNEL
    wait_for(SocketClosed, by="client")
    closed = closing()
    for _ in range(50):
        background.run(_nothing())  # the loop has many turns
    broker.sendall(deliver(1, b"too late"))
    broker.close()
    closed.result(TIMEOUT_S)
    wait_for(Delivered, task="too late")


@pytest.mark.usefixtures("patient")
def test_close_reads_what_a_living_client_has_sent(
    join: Join,
    closing: Callable[[], Future[None]],
    background: Background,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes the loop more turns to read it than to notice who connects."""
    monkeypatch.setattr(
        selector_events._SelectorSocketTransport,  # type: ignore[attr-defined]
        "max_size",
        1000,
    )
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    read(broker, len(OPEN_CHANNEL))
    with standing_still(background):
        client.sendall(publish(b"x" * 10_000) + publish(b"last"))
        closed = closing()
    closed.result(TIMEOUT_S)
    history = recorder.history()
    assert [event.by for event in history.of(SocketClosed)] == ["fault"]
    assert [event.task for event in history.of(Published)][1:] == ["last"]


@pytest.mark.usefixtures("patient")
def test_close_sends_what_is_waiting_first(
    join: Join, closing: Callable[[], Future[None]], wait_for: WaitFor
) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    write_all_it_takes(broker, deliver(1, b"x" * 50_000))
    closed = closing()
    event = wait_for(SocketClosed, by="fault")
    assert isinstance(event, SocketClosed)
    assert len(read_to_end(client)) == event.broker_forwarded_bytes
    closed.result(TIMEOUT_S)


def test_close_cuts_off_who_takes_nothing(
    join: Join, tap: Tap, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_module, "FLUSH_LIMIT_S", 0.1)
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    write_all_it_takes(broker, deliver(1, b"x" * 50_000))
    tap.close()
    assert not tap._connections
    event = wait_for(SocketClosed, by="fault")
    assert isinstance(event, SocketClosed)
    assert len(read_to_end(client)) < event.broker_forwarded_bytes


def test_how_long_a_closing_tap_waits_is_noted(join: Join, tap: Tap) -> None:
    client, _ = join()
    client.sendall(OPEN_CHANNEL)
    waits: list[Waited] = []
    with waits_told_to(waits.append):
        tap.close()
    assert [(each.kind, each.what, each.limit_s) for each in waits] == [
        ("tap read out", "C1", READ_OUT_LIMIT_S),
        ("tap flushed", "C1", FLUSH_LIMIT_S),
        ("tap cut off", "C1", FLUSH_LIMIT_S),
        ("observer's turn", "", 30.0),
    ]
    with waits_told_to(waits.append):
        tap.close()
    assert [each.kind for each in waits[4:]] == ["observer's turn"]


@pytest.mark.usefixtures("patient")
def test_who_comes_as_the_tap_closes_does_not_reach_the_broker(
    tap: Tap,
    closing: Callable[[], Future[None]],
    broker: PlayedBroker,
    recorder: Recorder,
    background: Background,
) -> None:
    with standing_still(background):
        client = connect(tap.address)
        closed = closing()
    with client:
        closed.result(TIMEOUT_S)
        assert read_to_end(client) == b""
    assert not broker.has_a_caller()
    assert len(recorder) == 0


@pytest.mark.usefixtures("patient")
def test_close_gives_up_reaching_the_broker(
    tap: Tap, background: Background, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, given_up = threading.Event(), threading.Event()

    async def never(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.set()
            raise

    monkeypatch.setattr(background.loop, "create_connection", never)
    with connect(tap.address) as client:
        assert begun.wait(TIMEOUT_S)
        with pytest.raises(TimedOut):
            tap.dry(timeout_s=0.1)
        tap.close()
        assert given_up.is_set()
        assert read_to_end(client) == b""
    assert len(recorder) == 0


def test_close_ends_what_is_open_and_leaves_nothing(
    wiretap: Wiretap, broker: PlayedBroker, recorder: Recorder, background: Background
) -> None:
    background.run(_nothing())
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        tap = wiretap.open("C1")
        held = wiretap.open("C2")
        held.hold()
        with connect(tap.address) as client, connect(held.address) as waiting:
            far = broker.accept()
            client.sendall(OPEN_CHANNEL)
            assert read(far, len(OPEN_CHANNEL)) == OPEN_CHANNEL
            wiretap.close()
            tap.close()
            assert read_to_end(client) == b""
            assert read_to_end(far) == b""
            far.close()
            del waiting
    assert [event.by for event in recorder.history().of(SocketClosed)] == ["fault"] * 5
    with pytest.raises(ConnectionRefusedError):
        connect(tap.address)
    assert len(os.listdir("/proc/self/fd")) == before


async def _nothing() -> None:
    """Let the loop open what it opens once."""


def test_a_broken_address_is_reported(background: Background, recorder: Recorder) -> None:
    def address() -> None:
        raise ZeroDivisionError("planted")

    wiretap = Wiretap(background, recorder, address)  # type: ignore[arg-type]
    with connect(wiretap.open("C1").address) as client:
        assert read_to_end(client) == b""
    wiretap.close()
    (error,) = background.take_errors()
    assert isinstance(error, ZeroDivisionError)
    assert origin(error) == "the tap of C1, connecting to the broker"
