"""How connections begin and end: addresses, refusals, holding, each way of closing."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

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
from filaprova.wiretap.tap import Tap, Wiretap
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


def test_close_reads_out_clients_that_have_ended(join: Join, tap: Tap, recorder: Recorder) -> None:
    client, broker = join()
    client.sendall(OPEN_CHANNEL)
    task = publish(b"x" * 50_000)
    client.setblocking(False)
    written = 0
    while select.select([], [client], [], 0.2)[1]:
        written += client.send(task[written % len(task) :])
    client.close()

    def hear_out() -> None:
        with broker:
            read_to_end(broker)

    listener = threading.Thread(target=hear_out)
    listener.start()
    tap.close()
    listener.join()
    history = recorder.history()
    assert [event.by for event in history.of(SocketClosed)] == ["client"]
    assert len(history.of(Published)) == written // len(task)


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
